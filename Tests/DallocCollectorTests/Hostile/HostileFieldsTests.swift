// SPDX-License-Identifier: Apache-2.0
//
// Sets every field of every frame to the limits of the format, in every kind of heap. The collector must take it, answer, and go on;
// the histories of other devices must not change, and the device's own history must say what is wrong.

import Foundation
import HeapHistory
import HeapWire
import Testing

@testable import DallocCollector
@testable import FuzzModels

@Suite(.serialized) struct HostileFieldsTests {
    /// A frame, and the operation in it that is tested.
    enum Subject: String, CaseIterable {
        case hello, keyframe, delta
        case alloc, free, resize, reown, orphan, failed, badPointer, compact
    }

    /// Every trait with both widths of a pointer; the wide ones as large as a heap can be.
    static let layouts: [HeapLayout] = (0..<4).flatMap { traits in
        [(UInt32(4), UInt64(0x2000_0000), UInt32(4096)), (8, 0x7F00_0000_0000, .max)].compactMap { width, base, size in
            HeapLayout(
                baseAddress: base, size: size, alignment: 4, tableSize: 32, pointerWidth: width,
                traits: HeapTraits(rawValue: traits))
        }
    }

    /// Fields that may have any value, because no other field contradicts them.
    private static let free: Set<String> = ["peak", "tick", "span", "ticks", "why"]

    @Test(arguments: Subject.allCases) func extremeNumbersHarmNobodyElse(_ subject: Subject) async throws {
        let (lived, alone) = (try LivedStore(), try LivedStore())
        var (bystander, control) = (Bystander(), Bystander())
        try await bystander.live(in: lived)
        var devices: [HostileDevice] = []
        for (number, layout) in Self.layouts.enumerated() where subject != .compact || layout.isLazy {
            var device = HostileDevice("evil-\(number)", layout)
            if subject == .hello {
                try await greet(&device, in: lived)
            } else {
                try await tell(&device, subject, in: lived)
                try await perform(&device, subject, in: lived)
            }
            try await device.commit(in: lived)
            devices.append(device)
        }
        try await bystander.live(in: lived)
        for _ in 0..<2 { try await control.live(in: alone) }

        try await ask(devices, lived, isThorough: false)
        try await compare(lived, alone)
        try await lived.gather()
        try await alone.gather()
        try lived.restart()
        try alone.restart()
        bystander.drop()
        control.drop()
        try await ask(devices, lived, isThorough: true)
        try await compare(lived, alone)
        let findings = try lived.checkAndBackUp()
        #expect(findings == [])
        // Detail of the first ten minutes goes.
        let minute: Int64 = 60_000_000
        let policy = RetentionPolicy(detail: 10 * minute, minutes: 15 * minute, hours: 24 * 60 * minute)
        for store in [lived, alone] {
            try await store.retain(policy, at: LivedStore.start.later(byMicroseconds: 20 * minute))
        }
        try await bystander.live(in: lived)
        try await control.live(in: alone)
        try await ask(devices, lived, isThorough: false)
        try await compare(lived, alone)
        #expect(lived.store.quarantine.all == [:], "nothing that was sent needs a person")
    }

    /// HELLOs, and frames of a device that matches them.
    private func greet(_ device: inout HostileDevice, in lived: LivedStore) async throws {
        let layout = device.layout
        let usual = FrameFields(device.hello(of: layout))
        for place in usual.fields.indices where !["type", "version", "heaps"].contains(usual.fields[place].name) {
            for value in ExtremeNumbers.all(in: usual.fields[place].range) {
                var fields = FrameFields(device.hello(of: layout))
                fields.set(place, to: value)
                try await device.pretend(fields.payload, in: lived)
            }
        }
    }

    /// One field is wrong, and all others are as they were.
    private func tell(_ device: inout HostileDevice, _ subject: Subject, in lived: LivedStore) async throws {
        try await device.reset(in: lived)
        try await device.settle(in: lived)
        let usual = FrameFields(device.frame(subject), of: device.layout)
        // The next frame tells what this one would have.
        _ = try await device.greet(in: lived)
        let first = subject == .keyframe || subject == .delta ? 1 : (usual.place(of: "span") ?? 0) + 1
        for place in usual.fields.indices[first...] {
            let name = usual.fields[place].name
            for value in ExtremeNumbers.all(in: usual.fields[place].range) {
                try await device.settle(in: lived)
                // Fields of a KEYFRAME matter only while the table is not known.
                let isTable = subject == .keyframe && place > (usual.place(of: "digest") ?? 0)
                if isTable { try await device.loseFrame(in: lived) }
                var fields = FrameFields(device.frame(subject), of: device.layout)
                guard fields.fields[place].value != value else {
                    // The frame was made, and is not sent.
                    _ = try await device.greet(in: lived)
                    continue
                }
                fields.set(place, to: value)
                let outcome = try await device.send(fields.payload, in: lived)
                let isTaken = outcome == .stored(isExact: true, hasGap: true)
                #expect(!isTable || !isTaken, "\(device.name): \(name) = \(value)")
                let isFree = Self.free.contains(name) || subject == .badPointer || subject == .failed
                #expect(isFree || !outcome.isBelieved, "\(subject) of \(device.name): \(name) = \(value): \(outcome)")
                if name == "sequence" || name == "tick" {
                    try await device.commit(in: lived)
                    try await device.reset(in: lived)
                } else {
                    _ = try await device.greet(in: lived)
                }
            }
        }
    }

    /// The heap does what is said, if it can.
    private func perform(_ device: inout HostileDevice, _ subject: Subject, in lived: LivedStore) async throws {
        let numbers = ExtremeNumbers.all(in: 0...UInt64(UInt32.max)).map { UInt32(clamping: $0) }
        let addresses = ExtremeNumbers.all(in: 0...(device.layout.pointerWidth == 8 ? .max : UInt64(UInt32.max)))
        let callSite = device.callSite
        let operations: [HeapWire.Operation] =
            switch subject {
            case .alloc:
                numbers.map { .alloc(size: $0, owner: 64, callSite: callSite) }
                    + addresses.map { .alloc(size: 8, owner: $0, callSite: callSite == 0 ? 0 : $0) }
            case .free: numbers.map { .free(depth: $0) }
            case .resize: numbers.map { .resize(depth: 1, size: $0) } + numbers.map { .resize(depth: 0, size: $0) }
            case .reown: addresses.map { .reown(depth: 1, owner: $0) }
            case .orphan: numbers.map { .orphan(depth: $0) }
            case .failed:
                numbers.map { .failed(size: $0, why: 0) }
                    + addresses.map { .failed(size: 8, why: 0, owner: $0, callSite: callSite == 0 ? 0 : $0) }
            case .badPointer: addresses.map { .badPointer(owner: $0) }
            case .compact: numbers.map { .compact(depth: 0, bytes: $0) } + [.compact(depth: 0, bytes: 24)]
            case .hello, .keyframe, .delta: []
            }
        for operation in operations {
            try await device.settle(in: lived)
            guard device.perform(operation) else { continue }
            // Something that moves what the operation left.
            device.perform(.free(depth: 1))
            let delta = device.delta()
            let outcome = try await device.send(delta, in: lived)
            #expect(outcome.isBelieved, "\(operation) of \(device.name): \(outcome)")
        }
    }

    private func ask(_ devices: [HostileDevice], _ lived: LivedStore, isThorough: Bool) async throws {
        let list = lived.query.devices(connected: [])
        #expect(list.devices.count == devices.count + 1)
        let figures = await lived.figures()
        #expect(!figures.isEmpty)
        for device in devices {
            let answers = try await EveryQuestion(query: lived.query).ask(device.name, isThorough: isThorough)
            guard device.disbelieved > 0 else { continue }
            let says = answers.contains { $0.key.hasPrefix("gaps") && $0.value.contains("\"cause\":") }
            #expect(says || device.line.counts.rejected > 0, "what is wrong with \(device.name) is told")
        }
    }

    private func compare(_ lived: LivedStore, _ alone: LivedStore) async throws {
        let answers = try await EveryQuestion(query: lived.query).ask(Bystander.name)
        let expected = try await EveryQuestion(query: alone.query).ask(Bystander.name)
        for (question, answer) in expected { #expect(answers[question] == answer, "\(question)") }
    }
}

extension HostileDevice {
    /// The first frame of a boot that begins a second after 1970 by its clock.
    fileprivate func hello(of layout: HeapLayout) -> [UInt8] {
        PayloadBytes.hello(device: name, boot: boot, tick: 1000, oldest: 1, layouts: [layout])
    }

    /// A true frame of this kind: with the operation that the kind is about, if it is one.
    fileprivate mutating func frame(_ subject: HostileFieldsTests.Subject) -> [UInt8] {
        switch subject {
        case .hello, .keyframe: return keyframe()
        case .delta, .alloc: perform(.alloc(size: 40, owner: layout.baseAddress &+ 64, callSite: callSite))
        case .free: perform(.free(depth: 0))
        case .resize: perform(.resize(depth: 0, size: 30))
        case .reown: perform(.reown(depth: 0, owner: layout.baseAddress &+ 64))
        case .orphan: perform(.orphan(depth: 0))
        case .failed: perform(.failed(size: 5000, why: 0))
        case .badPointer: perform(.badPointer(owner: layout.baseAddress &+ 64))
        case .compact: perform(.compact(depth: 0, bytes: 24))
        }
        return delta()
    }
}
