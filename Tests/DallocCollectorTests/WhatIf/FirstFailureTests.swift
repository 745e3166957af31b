// SPDX-License-Identifier: Apache-2.0
//
// What is promised of a smaller heap: its first failure is where the real allocator has it, to the operation.

import Testing

@testable import DallocCollector

@Suite(.serialized) struct FirstFailureTests {
    private enum Operation {
        case allocate(Int, UInt32)
        case free(Int)
        case resize(Int, UInt32)
    }

    /// What a program does in a heap that has room for all of it.
    private func record(seed: UInt64, peak: inout Int) -> [Operation] {
        let heap = DeviceHeap(size: 100_000, stepBytes: nil)
        var program = RandomProgram(seed: seed, largest: 200)
        var live: [(number: Int, variable: Int)] = []
        var operations: [Operation] = []
        for number in 0..<6000 {
            switch program.next(live: live.count) {
            case .allocate(let size):
                guard let variable = heap.allocate(size) else { continue }
                live.append((number, variable))
                operations.append(.allocate(number, size))
            case .free(let index):
                let block = live.remove(at: index)
                heap.free(block.variable)
                operations.append(.free(block.number))
            case .resize(let index, let size):
                guard heap.resize(live[index].variable, to: size) else { continue }
                operations.append(.resize(live[index].number, size))
            case .reset: continue
            }
        }
        peak = heap.peakUsed
        return operations
    }

    /// The number of the first operation that fails, counted from 1.
    private func firstFailure(of operations: [Operation], in heap: DeviceHeap) -> Int? {
        var variables: [Int: Int] = [:]
        for (index, operation) in operations.enumerated() {
            switch operation {
            case .allocate(let number, let size):
                guard let variable = heap.allocate(size) else { return index + 1 }
                variables[number] = variable
            case .free(let number):
                if let variable = variables.removeValue(forKey: number) { heap.free(variable) }
            case .resize(let number, let size):
                guard let variable = variables[number], heap.resize(variable, to: size) else { return index + 1 }
            }
        }
        return nil
    }

    @Test(arguments: UInt64(1)...10, [nil, 0, 100] as [UInt32?])
    func itIsThatOfTheRealAllocator(seed: UInt64, stepBytes: UInt32?) throws {
        var peak = 0
        let operations = record(seed: seed, peak: &peak)
        for percent in [30, 60, 90, 99, 100] {
            let size = UInt32(peak * percent / 100)
            let allocator = stepBytes.map { ModelledAllocator.lazy(stepBytes: $0) } ?? .eager
            let model = allocator.heap(
                size: size, alignment: DeviceHeap.alignment, mostBlocks: DeviceHeap.mostBlocks, pointerWidth: 8)
            var run = WhatIfRun(model, from: 0, to: Int64(operations.count))
            for (index, operation) in operations.enumerated() {
                switch operation {
                case .allocate(let number, let size):
                    run.allocate(block: UInt64(number), size: size, at: Int64(index))
                case .free(let number): run.free(block: UInt64(number), at: Int64(index))
                case .resize(let number, let size):
                    run.resize(block: UInt64(number), to: size, at: Int64(index))
                }
            }
            let real = firstFailure(of: operations, in: DeviceHeap(size: size, stepBytes: stepBytes))
            #expect(run.firstFailure?.operation == real, "\(percent) %")
            #expect((real == nil) == (percent == 100), "the smaller ones fail")
            #expect(run.unmatched == 0 && run.operations == operations.count)
        }
    }
}
