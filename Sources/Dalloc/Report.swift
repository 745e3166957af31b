// Messages about misuse, on their way to dalloc_debug.

internal import CDalloc

/// Says what was refused or went wrong, in which function, and the number that matters.
@inline(never)
func report(_ function: StaticString, _ message: StaticString, _ number: UInt32 = 0) {
    dalloc_port_report(cString(function), cString(message), number)
}

/// A literal as C sees it; the implicit conversion would make a String, and allocate.
private func cString(_ text: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}
