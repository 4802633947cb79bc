//! stub
use clap::Args;
/// stub
#[derive(Args)]
pub(super) struct Suggest {}
impl Suggest {
    pub(super) fn run(&self, _quiet: bool) -> anyhow::Result<()> {
        Ok(())
    }
}
