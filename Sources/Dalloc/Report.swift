// SPDX-License-Identifier: Apache-2.0
//
// Messages about misuse, on their way to dalloc_debug.

internal import CDalloc

/// Says what was refused or went wrong, in which function, and the number that matters.
@inline(__always)
func report(_ function: StaticString, _ message: StaticString, _ number: UInt32 = 0) {
    dalloc_port_report(cString(function), cString(message), number)
}

@inline(__always)
func report(in function: UnsafePointer<CChar>, _ message: StaticString, _ number: UInt32 = 0) {
    dalloc_port_report(function, cString(message), number)
}

/// Says what may happen again and again in a heap: at the 1st, 2nd, 4th, 8th … time.
@inline(__always)
func report(
    _ what: dalloc_report_t, _ heap: HeapPointer?, _ function: UnsafePointer<CChar>, _ number: UInt32 = 0
) {
    dalloc_port_report_in(heap, what, function, number)
}

/// A literal as C sees it; the implicit conversion would make a String, and allocate.
@inline(__always)
func cString(_ text: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}
