//! The decoder of a frame: libzstd, or one in Rust that needs no C compiler.

#[cfg(not(any(feature = "libzstd", feature = "pure-rust")))]
compile_error!("one of the features `libzstd` and `pure-rust` is needed to decode the runtime");

pub(crate) use decoder::Decoder;

#[cfg(feature = "libzstd")]
mod decoder {
    use zstd_safe::DCtx;

    /// What a thread needs to decode.
    pub(crate) struct Decoder(DCtx<'static>);

    impl Decoder {
        /// `None` where there is no memory for it.
        pub(crate) fn new() -> Option<Self> {
            DCtx::try_create().map(Self)
        }

        /// Decodes into a buffer and returns how much of it was needed.
        pub(crate) fn decode(&mut self, frame: &[u8], into: &mut [u8]) -> Result<usize, String> {
            let decoded = self.0.decompress(into, frame);
            decoded.map_err(|code| zstd_safe::get_error_name(code).to_owned())
        }
    }
}

#[cfg(all(feature = "pure-rust", not(feature = "libzstd")))]
mod decoder {
    use ruzstd::decoding::FrameDecoder;

    /// What a thread needs to decode.
    pub(crate) struct Decoder(FrameDecoder);

    impl Decoder {
        /// Never `None` here.
        #[expect(
            clippy::unnecessary_wraps,
            reason = "the other decoder may not come about"
        )]
        pub(crate) fn new() -> Option<Self> {
            Some(Self(FrameDecoder::new()))
        }

        /// Decodes into a buffer and returns how much of it was needed.
        pub(crate) fn decode(&mut self, frame: &[u8], into: &mut [u8]) -> Result<usize, String> {
            self.0
                .decode_all(frame, into)
                .map_err(|error| error.to_string())
        }
    }
}
