/// Returns the numbers between the dots of a version, which order versions: 2 and 17 of `2.17`.
pub(crate) fn numbers(text: &str) -> Option<Vec<u32>> {
    text.split('.').map(|number| number.parse().ok()).collect()
}
