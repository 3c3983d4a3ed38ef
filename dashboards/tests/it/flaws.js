// What is wrong with the layout of the page, as a list of sentences.
const flaws = [];
const width = document.documentElement.clientWidth;
// A phone zooms out of what is too wide, so that innerWidth would say nothing.
if (document.scrollingElement.scrollWidth > width) flaws.push(`the page is ${document.scrollingElement.scrollWidth} wide on ${width}`);
const light = ([red, green, blue]) => {
  const [r, g, b] = [red, green, blue].map((part) => { const c = part / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
const contrast = (element) => {
  let ground = element;
  while (ground.parentElement && (numbers(getComputedStyle(ground).backgroundColor)[3] ?? 1) === 0) ground = ground.parentElement;
  const [one, other] = [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor].map((colour) => light(numbers(colour)));
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
};
const isShown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !element.closest('.spoken, .skip, [hidden]');
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const boxes = [];
while (texts.nextNode()) {
  const text = texts.currentNode;
  if (!text.data.trim() || !isShown(text.parentElement) || text.parentElement.closest('.suggestions')) continue;
  if (contrast(text.parentElement) < 4.5) flaws.push(`pale, ${contrast(text.parentElement).toFixed(1)}: ${text.data.trim()}`);
  const range = document.createRange();
  range.selectNodeContents(text);
  for (const box of range.getClientRects()) {
    if (box.left < -1 || box.right > width + 1) flaws.push(`outside the screen: ${text.data.trim()}`);
    boxes.push({ box, text: text.data.trim() });
  }
  for (let element = text.parentElement; element; element = element.parentElement) {
    const style = getComputedStyle(element);
    if (style.overflowX === 'hidden' && element.scrollWidth > element.clientWidth + 1) flaws.push(`cut: ${text.data.trim()}`);
  }
}
boxes.forEach((one, at) => boxes.slice(at + 1).forEach((other) => {
  const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
  const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
  if (across > 2 && down > 6) flaws.push(`${one.text} lies over ${other.text}`);
}));
if (innerWidth < 600) {
  for (const element of document.querySelectorAll('button, .button, .chip, .tiles a, .pager a, .tabs a, .menu a, summary, input[type=search]')) {
    const box = element.getBoundingClientRect();
    if (isShown(element) && box.height && (box.height < 43.5 || box.width < 40)) flaws.push(`too small for a finger: ${element.textContent.trim()} ${box.width}×${box.height}`);
  }
}
return flaws;
