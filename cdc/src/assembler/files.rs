//! The files of the binlog: whether one is still that in which the position was seen.

use crate::error::Error;

use super::Assembler;

impl Assembler {
    /// A file's format description carries the time at which the file was begun. One of the name that we know from the same
    /// server, but of another time, belongs to another history: the server was reset, or its data replaced.
    pub(super) fn begin_file(&mut self, begun: u32) -> Result<(), Error> {
        let is_known = *self.place.file == *self.position.file
            && self.seen_at == self.facts.identity
            && self.file_begun != 0;
        if is_known && begun != self.file_begun {
            return Err(Error::Diverged {
                position: Box::new(self.position.clone()),
                message: format!("its file {} is another one of that name", self.place.file),
            });
        }
        self.read_file_begun = begun;
        Ok(())
    }
}
