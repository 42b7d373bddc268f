fn main() {
    let a: Vec<String> = std::env::args().collect();
    let d = schema_types::Document::read(std::path::Path::new(&a[1])).unwrap();
    let s = schema_types::generate(&d, None, &Default::default()).unwrap_or_else(|e| panic!("{e}"));
    std::fs::write(&a[2], s).unwrap();
}
