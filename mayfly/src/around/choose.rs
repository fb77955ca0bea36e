//! `Chosen`: the around functions of a process.

use std::cell::Cell;
use std::mem;

use super::chain::{Handler, Hook};
use super::named::Named;
use super::surrounding::{Surrounded, Surrounding};
#[cfg(feature = "async")]
use crate::driver::Driver;
use crate::error::Error;
use crate::invocation::call::Call;
use crate::invocation::state::{StateType, init_error};
use crate::registry::around::Around;
use crate::registry::needs::states;
use crate::stage::INIT;

/// The around functions of a process, the outermost first.
#[derive(Debug)]
struct Chosen(Vec<&'static Around>);

/// Finds the registrations of the named functions, and keeps them for the life of the process.
pub(super) fn choose(lists: [&[Named]; 2]) -> Result<&'static dyn Surrounding, Error> {
    let arounds = lists.into_iter().flatten().map(registration).collect::<Result<_, _>>()?;
    Ok(Box::leak(Box::new(Chosen(arounds))))
}

fn registration(named: &Named) -> Result<&'static Around, Error> {
    let id = (named.id)();
    inventory::iter::<Around>().find(|around| (around.id)() == id).ok_or_else(|| {
        init_error(format_args!(
            "`around = …` names `{}`, which is not under `#[mayfly::around]`; add the attribute to the function",
            (named.name)()
        ))
    })
}

impl Surrounding for Chosen {
    fn is_async(&self) -> bool {
        self.0.iter().any(|around| around.is_async())
    }

    fn needs(&self, visit: &mut dyn FnMut(StateType, &str) -> Result<(), Error>) -> Result<(), Error> {
        for around in &self.0 {
            let function = around.with_place();
            let wanted = states(around.needs).map_err(|error| {
                let place = format!("{function}: the `needs` of a parameter panicked");
                around.placed(error.named("Runtime.InitError")).in_stage(&INIT, &place)
            })?;
            wanted.into_iter().try_for_each(|state| visit(state, &function))?;
        }
        Ok(())
    }

    fn call(&self, call: &mut Call<'_>, handler: &Surrounded<'_>) -> Result<(), Error> {
        let reply = Cell::default();
        let (driver, invocation) = (call.executor, *call.invocation());
        let hook = Hook { arounds: &self.0, handler, driver, invocation, reply: &reply };
        #[cfg(feature = "async")]
        let driver = Driver { hooked: Some(&hook), ..driver };
        call.inside(driver, &|outgoing| reply.set(mem::take(outgoing)), &mut |call| {
            if handler.is_async {
                (handler.invoke)(call)
            } else {
                hook.around(Handler::Function(Cell::new(Some(&mut || (handler.invoke)(call)))))
            }
        })?;
        *call.outgoing() = reply.take();
        Ok(())
    }
}
