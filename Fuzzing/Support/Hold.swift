// How a target says that it found something.

/// What must hold whatever the input. Where it does not, the process ends, so that libFuzzer keeps the input.
func hold(
    _ condition: Bool, _ sentence: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
    if !condition { fatalError("does not hold: \(sentence())", file: file, line: line) }
}
