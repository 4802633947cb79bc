//! stub
use clap::Args;
/// stub
#[derive(Args)]
pub(super) struct Audit {}
impl Audit {
    pub(super) fn run(&self, _quiet: bool) -> anyhow::Result<()> {
        Ok(())
    }
}
