// SPDX-License-Identifier: Apache-2.0
//
// What the collector works on at this moment, in a file that outlives the process. When the process dies, the next one knows what it was
// working on: it takes that up alone, and sets a device aside after repeated deaths. So no input can end every process that
// meets it.

internal import Foundation
internal import GRDB
internal import Synchronization

final class WorkInProgress: Sendable {
    enum Work: UInt8, Sendable {
        /// Of a device, by its id.
        case frames = 1, question
        /// Of a heap, by its row.
        case start, gathering, retention
    }

    struct Subject: Hashable, Sendable {
        var work: Work
        var name: String
    }

    /// Deaths in a row, without a success in between, after which a subject is not tried again.
    static let mostDeaths: UInt8 = 3

    private struct State {
        var free: [Int]
        /// How often the process died with a subject in hand.
        var deaths: [Subject: UInt8] = [:]
    }

    /// One subject: its work or 0, its deaths, the length of its name, and the name.
    private static let slotBytes = 128
    private static let mostName = slotBytes - 3
    /// Slots for the work of this process; as many again are for the work of processes that died.
    private static let slots = 256
    private static let slotsEnd = 2 * slots * slotBytes
    /// After the slots: the last row that was acknowledged.
    private static let bytes = slotsEnd + 8

    // Safe: `init` uses it before anybody else has this object, and all others with the state's lock held; it is unmapped in `deinit`,
    // when nobody has the object any more.
    private nonisolated(unsafe) let memory: UnsafeMutablePointer<UInt8>
    private let state: Mutex<State>
    private let hasSuspects: Atomic<Bool>
    // Recursive: work on one suspect may meet another.
    private let alone = NSRecursiveLock()

    /// - Throws: when the file can't be made or read.
    init(path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path) }
        defer { close(descriptor) }
        // Allocates its blocks, too: on a full disk, a write to a hole would end the process. Without blocks, only this
        // process knows its work.
        let isKept = posix_fallocate(descriptor, 0, off_t(Self.bytes)) == 0
        let flags = isKept ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS
        guard let mapped = mmap(nil, Self.bytes, PROT_READ | PROT_WRITE, flags, isKept ? descriptor : -1, 0),
            mapped != MAP_FAILED
        else { throw Self.failure(path) }
        memory = mapped.assumingMemoryBound(to: UInt8.self)
        var deaths: [Subject: UInt8] = [:]
        for slot in Self.slots..<2 * Self.slots {
            if let (subject, count) = Self.read(memory + slot * Self.slotBytes) { deaths[subject] = count }
        }
        for slot in 0..<Self.slots {
            guard let (subject, _) = Self.read(memory + slot * Self.slotBytes) else { continue }
            deaths[subject] = min(deaths[subject] ?? 0, UInt8.max - 1) + 1
        }
        hasSuspects = Atomic(!deaths.isEmpty)
        state = Mutex(State(free: Array(0..<Self.slots), deaths: deaths))
        memory.update(repeating: 0, count: Self.slotsEnd)
        state.withLock { Self.write($0.deaths, memory) }
    }

    /// The last row of arrivals that was acknowledged, by this process or one before it; 0 when none was. Of the last moments
    /// before a power cut it may know nothing.
    var acknowledgedRow: Int64 {
        state.withLock { _ in Int64(littleEndian: UnsafeRawPointer(memory + Self.slotsEnd).load(as: Int64.self)) }
    }

    /// The same, of a collector that may run; nil when there is no such file.
    static func acknowledgedRow(path: String) -> Int64? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        guard (try? file.seek(toOffset: UInt64(slotsEnd))) != nil,
            let bytes = try? file.read(upToCount: MemoryLayout<Int64>.size), bytes.count == MemoryLayout<Int64>.size
        else { return nil }
        return bytes.withUnsafeBytes { Int64(littleEndian: $0.loadUnaligned(as: Int64.self)) }
    }

    /// Rows are acknowledged in about the order of their numbers; 0 begins anew, with another database.
    func noteAcknowledged(_ row: Int64) {
        state.withLock { _ in
            let place = UnsafeMutableRawPointer(memory + Self.slotsEnd)
            let last = row == 0 ? 0 : max(row, Int64(littleEndian: place.load(as: Int64.self)))
            place.storeBytes(of: last.littleEndian, as: Int64.self)
        }
    }

    deinit { munmap(memory, Self.bytes) }

    /// What no further try is made with.
    var condemned: [Subject] { state.withLock { $0.deaths.filter { $0.value >= Self.mostDeaths }.map(\.key) } }

    /// Forgets the deaths: the subjects were set aside, or are to be tried again.
    func forget(_ subjects: [Subject]) {
        state.withLock { state in
            for subject in subjects { state.deaths[subject] = nil }
            Self.write(state.deaths, memory)
            hasSuspects.store(!state.deaths.isEmpty, ordering: .relaxed)
        }
    }

    /// Runs `body` while the file says what it is about. What was in hand when the process died is taken up one at a time.
    func hold<Result>(_ work: Work, _ name: String, _ body: () throws -> Result) rethrows -> Result {
        guard hasSuspects.load(ordering: .relaxed) else { return try note(work, name, body) }
        let subject = Subject(work: work, name: String(decoding: name.utf8.prefix(Self.mostName), as: UTF8.self))
        guard state.withLock({ $0.deaths[subject] != nil }) else { return try note(work, name, body) }
        alone.lock()
        defer { alone.unlock() }
        // A failure that the process survives is no reason for suspicion.
        defer { forget([subject]) }
        return try note(work, name, body)
    }

    private func note<Result>(_ work: Work, _ name: String, _ body: () throws -> Result) rethrows -> Result {
        let slot = state.withLock { state -> Int? in
            guard let slot = state.free.popLast() else { return nil }
            Self.write(work, deaths: 0, name, memory + slot * Self.slotBytes)
            return slot
        }
        defer {
            if let slot {
                state.withLock { state in
                    memory[slot * Self.slotBytes] = 0
                    state.free.append(slot)
                }
            }
        }
        return try body()
    }

    // MARK: The file

    private static func write(_ work: Work, deaths: UInt8, _ name: String, _ slot: UnsafeMutablePointer<UInt8>) {
        var length = 0
        for byte in name.utf8.prefix(mostName) {
            slot[3 + length] = byte
            length += 1
        }
        (slot[1], slot[2]) = (deaths, UInt8(length))
        // Last: what is half written counts as free.
        slot[0] = work.rawValue
    }

    private static func write(_ deaths: [Subject: UInt8], _ memory: UnsafeMutablePointer<UInt8>) {
        let start = memory + slots * slotBytes
        start.update(repeating: 0, count: slots * slotBytes)
        for (index, (subject, count)) in deaths.prefix(slots).enumerated() {
            write(subject.work, deaths: count, subject.name, start + index * slotBytes)
        }
    }

    private static func read(_ slot: UnsafeMutablePointer<UInt8>) -> (Subject, UInt8)? {
        guard let work = Work(rawValue: slot[0]), Int(slot[2]) <= mostName else { return nil }
        let name = UnsafeBufferPointer(start: slot + 3, count: Int(slot[2]))
        return (Subject(work: work, name: String(decoding: name, as: UTF8.self)), slot[1])
    }

    private static func failure(_ path: String) -> DatabaseError {
        DatabaseError(resultCode: .SQLITE_CANTOPEN, message: "\(path): \(String(cString: strerror(errno)))")
    }
}
