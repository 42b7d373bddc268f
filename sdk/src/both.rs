//! One definition of each method, for the asynchronous type and the blocking one.
//!
//! `fn name(&self, argument: Type) -> Async, Blocking { … }` is an asynchronous method that gives `Async`,
//! and a blocking one that calls it and gives `Blocking`, the blocking type around it. With one type, both
//! give that. The result is a [`Result`](crate::Result) always.

macro_rules! both {
    (impl $async:ident, $blocking:ident { $(
        $(#[$meta:meta])*
        fn $name:ident $(<$generic:ident: $bound:path>)? (&$self:ident $(, $arg:ident: $type:ty)* $(,)?)
            -> $out:ty $(, $mirror:ident)? $body:block
    )* }) => {
        impl $async {
            $(
                $(#[$meta])*
                pub async fn $name $(<$generic: $bound>)? (
                    &$self $(, $arg: $type)*
                ) -> $crate::error::Result<$out> $body
            )*
        }

        impl $blocking {
            $(
                $(#[$meta])*
                pub fn $name $(<$generic: $bound>)? (
                    &$self $(, $arg: $type)*
                ) -> $crate::error::Result<$crate::both::both!(@type $out $(, $mirror)?)> {
                    let value = $self.background.block_on($self.inner.$name $(::<$generic>)? ($($arg),*))?;
                    Ok($crate::both::both!(@value value, $self $(, $mirror)?))
                }
            )*
        }
    };
    (@type $out:ty) => { $out };
    (@type $out:ty, $mirror:ident) => { $mirror };
    (@value $value:ident, $self:ident) => { $value };
    (@value $value:ident, $self:ident, $mirror:ident) => {
        $mirror { inner: $value, background: $self.background.clone() }
    };
}
pub(crate) use both;
