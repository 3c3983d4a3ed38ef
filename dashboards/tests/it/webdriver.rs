//! A headless Chromium, driven by the `WebDriver` protocol and, for what that lacks (phone screens, dark mode, input methods), by
//! Chromium's own through it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};

/// Debian's packages chromium and chromium-driver.
const CHROMIUM: &str = "/usr/bin/chromium";
const CHROMEDRIVER: &str = "/usr/bin/chromedriver";
/// A busy machine may take its time.
const PATIENCE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(50);

/// Nothing but the page: no first run, no updates, no telemetry.
const ARGUMENTS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];

/// Keys as the protocol names them.
pub(crate) const ENTER: &str = "\u{e007}";
pub(crate) const ESCAPE: &str = "\u{e00c}";
pub(crate) const DOWN: &str = "\u{e015}";

/// A browser of the test's own.
pub(crate) struct Browser {
    client: Client,
    session: String,
    driver: std::process::Child,
    _profile: TempDir,
}

impl Browser {
    pub(crate) async fn start() -> Self {
        for program in [CHROMIUM, CHROMEDRIVER] {
            assert!(
                Path::new(program).exists(),
                "there is no {program}: run `make browser`"
            );
        }
        let profile = TempDir::new().unwrap();
        // A group of its own, so that it can be ended with all its children.
        let mut driver = Command::new(CHROMEDRIVER)
            .arg("--port=0")
            .env("TMPDIR", profile.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let output = tokio::process::ChildStdout::from_std(driver.stdout.take().unwrap()).unwrap();
        let mut lines = BufReader::new(output).lines();
        let port = loop {
            let line = lines
                .next_line()
                .await
                .unwrap()
                .expect("chromedriver ended");
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                break port.trim_end_matches('.').to_owned();
            }
        };
        let client = Client::builder().no_proxy().build().unwrap();
        let mut arguments: Vec<_> = ARGUMENTS.map(str::to_owned).into();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "binary": CHROMIUM, "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let driver_address = format!("http://127.0.0.1:{port}/session");
        let mut browser = Self {
            client,
            session: String::new(),
            driver,
            _profile: profile,
        };
        let session = browser.ask(&driver_address, &wanted).await;
        browser.session = format!(
            "{driver_address}/{}",
            session["sessionId"].as_str().unwrap()
        );
        browser
    }

    /// The screen of a phone or a computer, at twice the pixels.
    pub(crate) async fn screen(&self, width: u32, height: u32, is_dark: bool) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 2, "mobile": width < 600 });
        self.chromium("Emulation.setDeviceMetricsOverride", metrics)
            .await;
        // They would take room in the layout, but not in the picture.
        self.chromium("Emulation.setScrollbarsHidden", json!({ "hidden": true }))
            .await;
        let scheme = if is_dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.chromium("Emulation.setEmulatedMedia", media).await;
    }

    pub(crate) async fn open(&self, address: &str) {
        self.post("url", json!({ "url": address })).await;
    }

    pub(crate) async fn address(&self) -> String {
        self.script("return location.pathname + location.search")
            .await
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Runs a script in the page; what it returns.
    pub(crate) async fn script(&self, script: &str) -> Value {
        self.post("execute/sync", json!({ "script": script, "args": [] }))
            .await
    }

    /// Waits until a condition of the page holds.
    pub(crate) async fn until(&self, condition: &str) {
        let start = Instant::now();
        while self.script(&format!("return Boolean({condition})")).await != true {
            assert!(
                start.elapsed() < PATIENCE,
                "never true: {condition}\nat {}",
                self.address().await
            );
            tokio::time::sleep(POLL).await;
        }
    }

    /// Clicks as a person does: with the mouse, in the middle of what is there to be clicked and not covered.
    pub(crate) async fn click(&self, selector: &str) {
        let is_there = format!("document.querySelector({selector:?})?.checkVisibility()");
        self.until(&is_there).await;
        let middle = format!(
            "const element = document.querySelector({selector:?});
            element.scrollIntoView({{ block: 'center' }});
            const box = element.getClientRects()[0];
            const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
            return element.contains(document.elementFromPoint(x, y)) && {{ x, y }};"
        );
        let middle = self.script(&middle).await;
        assert!(middle.is_object(), "{selector} is covered");
        for kind in ["mousePressed", "mouseReleased"] {
            let mouse = json!({ "type": kind, "x": middle["x"], "y": middle["y"], "button": "left", "clickCount": 1 });
            self.chromium("Input.dispatchMouseEvent", mouse).await;
        }
    }

    pub(crate) async fn type_into(&self, selector: &str, keys: &str) {
        let element = self.element(selector).await;
        self.post(&format!("element/{element}/value"), json!({ "text": keys }))
            .await;
    }

    async fn element(&self, selector: &str) -> String {
        self.until(&format!("document.querySelector({selector:?})"))
            .await;
        let found = self
            .post(
                "element",
                json!({ "using": "css selector", "value": selector }),
            )
            .await;
        let (_, id) = found.as_object().unwrap().iter().next().unwrap();
        id.as_str().unwrap().to_owned()
    }

    /// A command of Chromium's own protocol.
    pub(crate) async fn chromium(&self, command: &str, parameters: Value) -> Value {
        self.post(
            "goog/cdp/execute",
            json!({ "cmd": command, "params": parameters }),
        )
        .await
    }

    /// The whole page, down to its foot, as a PNG.
    pub(crate) async fn picture(&self) -> Vec<u8> {
        let size = &self.chromium("Page.getLayoutMetrics", json!({})).await["cssContentSize"];
        let clip =
            json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 });
        let parameters = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let picture = self.chromium("Page.captureScreenshot", parameters).await;
        STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()
    }

    /// What the console said since the last time.
    pub(crate) async fn console(&self) -> Vec<String> {
        let entries = self.post("se/log", json!({ "type": "browser" })).await;
        entries
            .as_array()
            .unwrap()
            .iter()
            .map(Value::to_string)
            .collect()
    }

    async fn post(&self, command: &str, parameters: Value) -> Value {
        self.ask(&format!("{}/{command}", self.session), &parameters)
            .await
    }

    async fn ask(&self, address: &str, parameters: &Value) -> Value {
        let response = self
            .client
            .post(address)
            .json(parameters)
            .send()
            .await
            .unwrap();
        let is_success = response.status().is_success();
        let mut reply: Value = response.json().await.unwrap();
        let value = reply["value"].take();
        assert!(
            is_success,
            "{address} {parameters}: {} {}",
            value["error"], value["message"]
        );
        value
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends the browser and waits for it, before its profile goes.
        let _ = self.end_session();
        let group = format!("-{}", self.driver.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.driver.wait();
    }
}

impl Browser {
    fn end_session(&self) -> Option<()> {
        let (host, path) = self.session.strip_prefix("http://")?.split_once('/')?;
        let mut driver = TcpStream::connect(host).ok()?;
        driver.set_read_timeout(Some(PATIENCE)).ok()?;
        write!(
            driver,
            "DELETE /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .ok()?;
        driver.read_exact(&mut [0]).ok()?;
        Some(())
    }
}
