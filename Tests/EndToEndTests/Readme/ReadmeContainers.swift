// SPDX-License-Identifier: Apache-2.0
//
// The containers of docs/allocator.md, word by word.

import Dalloc

/// True when the contents are right after the blocks have moved.
func runReadmeContainers() throws -> Bool {
    // README begins
    var heap = try Heap(bytes: 1024)
    let before = try heap.allocate(byteCount: 100)
    var readings = try HeapArray<Float>(in: &heap)
    var line = try HeapBytes(in: &heap)
    for reading in [21.5, 22, 20.5] as [Float] { try readings.append(reading, in: &heap) }
    try heap.free(before)  // all that follows moves
    try line.append("readings: ", in: &heap)
    try line.append(decimal: readings.count, in: &heap)
    // README ends
    guard try readings.element(at: 2, in: heap) == 20.5 else { return false }
    return try line.equals("readings: 3", in: heap)
}
