//! The client against a scripted server: what it does, and what it does when everything goes wrong.

#[path = "../support.rs"]
mod support;

mod blocking;
mod faults;
mod requests;
mod routing;
mod starting;
mod turns;
