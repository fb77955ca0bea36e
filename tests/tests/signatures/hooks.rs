use std::rc::Rc;

use mayfly::State;

type Done<E> = Result<(), E>;

struct Pool(u8);

#[mayfly::init]
fn pool() -> Pool {
    Pool(3)
}

#[mayfly::before_snapshot]
fn close(State(pool): State<Pool>) -> Done<&'static str> {
    if pool.0 == 0 { Err("already closed") } else { Ok(()) }
}

#[mayfly::before_snapshot]
pub(crate) async fn wait_while_not_send(_: State<Pool>, pool: State<Pool>) -> Result<(), Box<dyn std::error::Error>> {
    let count = Rc::new(pool.0);
    std::future::ready(()).await;
    drop(count);
    Ok(())
}

#[mayfly::after_restore]
const fn nothing() {}

#[mayfly::after_restore]
async fn r#match(pool: State<Pool>) -> std::result::Result<(), mayfly::Error> {
    pool.0.0.checked_add(1).map(drop).ok_or_else(|| mayfly::Error::new("TooMany", "too many"))
}

#[mayfly::shutdown]
async fn flush() -> Done<std::io::Error> {
    Ok(())
}

macro_rules! hook {
    ($attribute:ident, $name:ident, $state:ty) => {
        #[mayfly::$attribute]
        fn $name(_: State<$state>) {}
    };
}

hook!(before_snapshot, from_a_macro_before, Pool);
hook!(after_restore, from_a_macro_after, Pool);
hook!(shutdown, from_a_macro_at_the_end, Pool);

#[test]
fn a_hook_is_still_callable() {
    assert_eq!(close(State::new(Pool(0))), Err("already closed"));
    nothing();
    from_a_macro_before(State::new(Pool(1)));
}
