// SPDX-License-Identifier: Apache-2.0
//
// How a target says that it found something.

/// What must hold whatever the input. Where it does not, the process ends, so that libFuzzer keeps the input.
func hold(
    _ condition: Bool, _ sentence: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
    // Safe: only fuzz targets and tests are built with this, and to end the process is how they report what they found.
    if !condition { fatalError("does not hold: \(sentence())", file: file, line: line) }
}

/// What must be there whatever the input.
func held<Value>(
    _ value: Value?, _ sentence: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) -> Value {
    // Safe: only fuzz targets and tests are built with this, and to end the process is how they report what they found.
    guard let value else { fatalError("does not hold: \(sentence())", file: file, line: line) }
    return value
}
