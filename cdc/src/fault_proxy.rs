//! A TCP proxy that fails on demand, for tests of what a broken network does to those who talk to a server through it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, sink};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

/// Read at once; a fault that counts bytes is exact whatever the size.
const CHUNK_BYTES: usize = 16 * 1024;
/// Orders that a connection may have yet to see; each ends it, so one is enough.
const ORDERS_MAX: usize = 1;

/// Which of the two streams of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// What the client sends.
    ToServer,
    /// What the server sends.
    ToClient,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// In an orderly way, as a program that exits ends it.
    Fin,
    /// By a reset, as a firewall or a machine that has started again ends it.
    Rst,
}

/// What is wrong with one direction of all connections, those to come too. Bytes are counted from the moment the fault is
/// set, over all connections; what counts them happens once, and then all is well again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing gets through, not even an end; the sockets stay open. What came meanwhile follows when the fault is gone.
    Stall,
    /// Everything comes so much later. Each read waits by itself, so what is long comes later still: [`Fault::Slow`].
    Delay(Duration),
    /// So many bytes take so much time, in however many reads they come.
    Slow {
        /// How many.
        bytes: u64,
        /// All of them together; each takes its share.
        time: Duration,
    },
    /// So many bytes get through, then the connection whose byte was the next one ends.
    Cut {
        /// How many.
        after_bytes: u64,
        /// Both sockets end like this.
        ending: Ending,
    },
    /// One bit changes.
    FlipBit {
        /// Of which byte, from 0.
        byte: u64,
        /// Which one, from 0, the lowest.
        bit: u8,
    },
}

/// What went through a proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections that clients made, refused ones too.
    pub connections: u64,
    /// Bytes handed to the server.
    pub to_server_bytes: u64,
    /// Bytes handed to clients.
    pub to_client_bytes: u64,
}

/// A proxy on the loopback interface; its connections are cut when it is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    upstream: String,
    faults: watch::Sender<Faults>,
    orders: broadcast::Sender<Order>,
    connections: AtomicU64,
    to_server_bytes: AtomicU64,
    to_client_bytes: AtomicU64,
}

#[derive(Debug, Default)]
struct Faults {
    to_server: Option<Fault>,
    to_client: Option<Fault>,
    refuses: bool,
}

/// To all connections that are open.
#[derive(Clone, Copy, Debug)]
enum Order {
    End(Ending),
    HalfOpen,
}

/// What becomes of bytes that were read.
enum Passage {
    Wait,
    Late(Duration),
    Whole,
    Part(usize, Ending),
}

impl FaultProxy {
    /// A proxy before the server of this URL, at which all is well.
    ///
    /// # Errors
    /// When there is no port to listen on.
    pub async fn before(url: &str) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (_, upstream, _) = around_address(url);
        let shared = Arc::new(Shared {
            upstream: upstream.to_owned(),
            faults: watch::Sender::default(),
            orders: broadcast::Sender::new(ORDERS_MAX),
            connections: AtomicU64::default(),
            to_server_bytes: AtomicU64::default(),
            to_client_bytes: AtomicU64::default(),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            accepting,
        })
    }

    /// The URL with this proxy's address in the place of the server's.
    #[must_use]
    pub fn url(&self, url: &str) -> String {
        let (before, _, after) = around_address(url);
        format!("{before}{}{after}", self.address)
    }

    /// Sets what is wrong with a direction, in the place of what was.
    pub fn set(&self, direction: Direction, fault: Fault) {
        self.shared
            .faults
            .send_modify(|faults| *faults.of(direction) = Some(fault));
    }

    /// From now on every new connection is reset at once.
    pub fn refuse(&self) {
        self.shared
            .faults
            .send_modify(|faults| faults.refuses = true);
    }

    /// Takes away what [`FaultProxy::set`] and [`FaultProxy::refuse`] did.
    pub fn heal(&self) {
        self.shared.faults.send_replace(Faults::default());
    }

    /// Ends all open connections on both sides, stalled ones too.
    pub fn cut(&self, ending: Ending) {
        self.order(Order::End(ending));
    }

    /// Ends all open connections on the server's side alone: the client keeps a socket at whose other end nobody is, and
    /// hears nothing any more.
    pub fn half_open(&self) {
        self.order(Order::HalfOpen);
    }

    /// What went through.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            connections: read(&self.shared.connections),
            to_server_bytes: read(&self.shared.to_server_bytes),
            to_client_bytes: read(&self.shared.to_client_bytes),
        }
    }

    fn order(&self, order: Order) {
        // An error says that no connection is open.
        let _ = self.shared.orders.send(order);
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Faults {
    fn of(&mut self, direction: Direction) -> &mut Option<Fault> {
        match direction {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }
}

impl Shared {
    /// What becomes of these bytes; counts them, and changes the one that is to be changed.
    fn pass(&self, direction: Direction, bytes: &mut [u8]) -> Passage {
        let mut passage = Passage::Whole;
        let length = bytes.len() as u64;
        self.faults.send_if_modified(|faults| {
            let fault = faults.of(direction);
            match fault {
                None => {}
                Some(Fault::Stall) => passage = Passage::Wait,
                Some(Fault::Delay(time)) => passage = Passage::Late(*time),
                Some(Fault::Slow { bytes, time }) => {
                    let slow = length.min(*bytes);
                    let share = time.mul_f64(slow as f64 / (*bytes).max(1) as f64);
                    passage = Passage::Late(share);
                    *bytes -= slow;
                    *time = time.saturating_sub(share);
                    if *bytes == 0 {
                        *fault = None;
                    }
                }
                Some(Fault::Cut { after_bytes, .. }) if *after_bytes >= length => {
                    *after_bytes -= length;
                }
                Some(Fault::Cut {
                    after_bytes,
                    ending,
                }) => {
                    // Less than a chunk, so it fits.
                    passage = Passage::Part(*after_bytes as usize, *ending);
                    *fault = None;
                }
                Some(Fault::FlipBit { byte, .. }) if *byte >= length => *byte -= length,
                Some(Fault::FlipBit { byte, bit }) => {
                    if let Some(byte) = bytes.get_mut(*byte as usize) {
                        *byte ^= 1 << (*bit % 8);
                    }
                    *fault = None;
                }
            }
            // Nobody waits for the end of a fault that ended by itself.
            false
        });
        passage
    }

    fn counter(&self, direction: Direction) -> &AtomicU64 {
        match direction {
            Direction::ToServer => &self.to_server_bytes,
            Direction::ToClient => &self.to_client_bytes,
        }
    }

    /// Forwards one direction until its end, which it forwards too.
    async fn pump(
        &self,
        direction: Direction,
        mut from: ReadHalf<'_>,
        mut to: WriteHalf<'_>,
    ) -> Result<(), Ending> {
        let mut faults = self.faults.subscribe();
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let length = from.read(&mut chunk).await.map_err(|_| Ending::Rst)?;
            let (bytes, _) = chunk.split_at_mut(length);
            let passage = loop {
                faults.mark_unchanged();
                match self.pass(direction, bytes) {
                    Passage::Wait => faults.changed().await.map_err(|_| Ending::Fin)?,
                    passage => break passage,
                }
            };
            if length == 0 {
                return to.shutdown().await.map_err(|_| Ending::Rst);
            }
            let (bytes, ending) = match passage {
                Passage::Part(part, ending) => (bytes.split_at(part).0, Some(ending)),
                Passage::Late(time) => {
                    sleep(time).await;
                    (&*bytes, None)
                }
                Passage::Whole | Passage::Wait => (&*bytes, None),
            };
            to.write_all(bytes).await.map_err(|_| Ending::Rst)?;
            self.counter(direction)
                .fetch_add(bytes.len() as u64, Ordering::Relaxed);
            if let Some(ending) = ending {
                return Err(ending);
            }
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    // Dropped, and with it every connection, when this task is aborted.
    let mut connections = JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else {
            return;
        };
        while connections.try_join_next().is_some() {}
        shared.connections.fetch_add(1, Ordering::Relaxed);
        if shared.faults.borrow().refuses {
            end(client, Ending::Rst);
            continue;
        }
        connections.spawn(carry(
            client,
            Arc::clone(&shared),
            shared.orders.subscribe(),
        ));
    }
}

async fn carry(mut client: TcpStream, shared: Arc<Shared>, mut orders: broadcast::Receiver<Order>) {
    let Ok(mut server) = TcpStream::connect(&shared.upstream).await else {
        return end(client, Ending::Rst);
    };
    // Small packets must not wait for each other: the proxy adds no time of its own.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    let ended = tokio::select! {
        ended = async {
            tokio::try_join!(
                shared.pump(Direction::ToServer, from_client, to_server),
                shared.pump(Direction::ToClient, from_server, to_client),
            )
        } => Order::End(ended.err().unwrap_or(Ending::Fin)),
        order = orders.recv() => order.unwrap_or(Order::End(Ending::Rst)),
    };
    match ended {
        Order::End(ending) => {
            end(client, ending);
            end(server, ending);
        }
        Order::HalfOpen => {
            drop(server);
            // Whatever the client still says is taken and forgotten.
            let _ = copy(&mut client, &mut sink()).await;
        }
    }
}

fn end(socket: TcpStream, ending: Ending) {
    if ending == Ending::Rst {
        let _ = socket.set_zero_linger();
    }
    drop(socket);
}

/// Splits `scheme://user:password@host:port/path` around `host:port`.
fn around_address(url: &str) -> (&str, &str, &str) {
    let start = url.find("://").map_or(0, |at| at + "://".len());
    let end = url
        .get(start..)
        .and_then(|rest| rest.find(['/', '?']))
        .map_or(url.len(), |length| start + length);
    let (before, after) = url.split_at(end);
    let start = before.rfind('@').map_or(start, |at| at + 1);
    let (before, address) = before.split_at(start);
    (before, address, after)
}
