// SPDX-License-Identifier: Apache-2.0
//
// Keeps the answer of `devices` up to date: read from the database, the list of ten thousand devices would cost a second of work. The
// database is read once for each device, and again when it greets or something of it is removed.

internal import GRDB
internal import HeapHistory
internal import HeapWire
internal import NIOCore
internal import Synchronization

final class DeviceDirectory: Sendable {
    fileprivate final class Device {
        let id: Int64
        var summary: DeviceSummary
        /// Rows of the current boot, by number and age: a heap that was made anew within the boot has several.
        var heaps: [(id: Int64, summary: HeapSummary)] = []

        init(_ id: Int64, _ summary: DeviceSummary) { (self.id, self.summary) = (id, summary) }
    }

    /// A row of ``query(_:)``: a device and one of its heaps.
    fileprivate struct Entry: Sendable {
        let device: Int64
        let summary: DeviceSummary
        let heap: (id: Int64, summary: HeapSummary)?
    }

    fileprivate struct State {
        /// By their rows.
        var devices: [Int64: Device] = [:]
        /// In the order of their names.
        var order: [Device] = []
        /// The device of each heap.
        var owners: [Int64: Device] = [:]
        /// What people say of devices, by their rows. A device that greets is read anew without them.
        var labels: [Int64: [String: String]] = [:]
        /// How much devices are to tell, by their rows.
        var details: [Int64: DeviceDetail.Level] = [:]
        /// What devices have proved themselves by, by their rows.
        var proofs: [Int64: DeviceProof] = [:]
        /// Allocations that have failed since the collector started, by rows of heaps of current boots.
        var failed: [Int64: Count] = [:]
        /// What was noticed of devices lately, by their ids.
        var warnings: [String: [Noticed]] = [:]
    }

    fileprivate struct Noticed {
        var warning: DeviceWarning
        var time: Timestamp
    }

    private let state = Mutex(State())
    private let failures = RecentFailures()

    /// How long a warning is shown that does not come again, in microseconds.
    private static let shown: Int64 = 3_600_000_000
    /// The most devices with warnings at a time: ids can be invented.
    private static let mostWarned = 10_000

    private static func query(_ condition: String) -> String {
        """
        SELECT devices.id AS device_id, devices.name, devices.first_seen, devices.last_seen, boots.boot, boots.build,
            boots.link, heaps.id, heaps.number, heaps.name, heaps.base_address, heaps.size, heaps.alignment,
            heaps.table_size, heaps.used, heaps.live_blocks, heaps.peak, heaps.last_sequence, boots.run,
            heaps.recorder_most, heaps.recorder_size
        FROM devices JOIN boots ON boots.id = (
            SELECT id FROM boots WHERE device_id = devices.id ORDER BY id DESC LIMIT 1)
        LEFT JOIN heaps ON heaps.boot_id = boots.id
        \(condition) ORDER BY devices.name, heaps.number, heaps.id
        """
    }

    /// Reads the devices of a database that was opened.
    func load(_ db: Database, _ arrivals: ArrivalIndex) throws {
        try failures.load(db, at: .now)
        let (labels, details) = (try HistoryStore.labels(db), try HistoryStore.details(db))
        let proofs = try HistoryStore.proofs(db)
        let rows = try Row.fetchCursor(db, sql: Self.query(""))
        try state.withLock { state in
            (state.labels, state.details, state.proofs) = (labels, details, proofs)
            let recent = arrivals.figures()
            while let row = try rows.next() { state.add(Entry(row), recent) }
        }
    }

    /// Reads one device anew: it has greeted, or something of it was removed.
    /// - Parameter recent: what the ``ArrivalIndex`` says, from before the database's transaction where that only reads: frames
    ///   that are gathered in
    ///   between would be missed.
    func refresh(_ device: Int64, _ db: Database, recent: () -> [Int64: ArrivalIndex.Figures]) throws {
        let statement = try db.cachedStatement(sql: Self.query("WHERE devices.id = ?"))
        try state.withLock { state in
            // What comes meanwhile follows when this is over.
            let recent = recent()
            let entries = try Row.fetchAll(statement, arguments: [device]).map { Entry($0) }
            let heaps = state.devices[device]?.heaps.map(\.id) ?? []
            state.remove(device)
            for entry in entries { state.add(entry, recent) }
            for heap in heaps where state.owners[heap] == nil { state.failed[heap] = nil }
            if entries.isEmpty {
                (state.labels[device], state.details[device], state.proofs[device]) = (nil, nil, nil)
            }
        }
    }

    /// Shows these labels with a device, and no others.
    func label(_ device: Int64, _ labels: [String: String]) {
        state.withLock { $0.labels[device] = labels.isEmpty ? nil : labels }
    }

    /// The device is to tell so much.
    func want(_ detail: DeviceDetail.Level?, of device: Int64) {
        state.withLock { $0.details[device] = detail }
    }

    /// How much a device is to tell; nil when nobody has said so, or it isn't known.
    func detail(of device: String) -> DeviceDetail.Level? {
        state.withLock { state in state.device(device).flatMap { state.details[$0.id] } }
    }

    /// What the device has proved itself by; nil when it never has.
    func proof(of device: String) -> DeviceProof? {
        state.withLock { state in state.device(device).flatMap { state.proofs[$0.id] } }
    }

    func note(_ proof: DeviceProof, of device: Int64) { state.withLock { $0.proofs[device] = proof } }

    /// Frames that are on disk now.
    func append(_ frames: [IngestedFrame], at now: Timestamp) {
        state.withLock { state in
            for frame in frames {
                state.add(ArrivalIndex.Figures(frame.record, seen: now), of: frame.record.heapID)
                if let fill = frame.recorder { state.owners[frame.record.heapID]?.add(fill, of: frame.record.heapID) }
                state.count(frame.record.work.failures, of: frame.record.heapID)
            }
        }
        for frame in frames where !frame.record.work.failures.isZero {
            let record = frame.record
            failures.add(
                record.work.failures, of: record.heapID, at: record.frame.time, reason: frame.failureReason)
        }
    }

    /// At most `count` devices, ordered by id: those after `last`, or the first ones. A reader that takes a large fleet in slices keeps
    /// commits waiting for one slice only.
    func devices(_ count: Int, after last: String?, connected: Set<String>) -> [KnownDevice] {
        var devices = state.withLock { $0.devices(count, after: last, failures) }
        for index in devices.indices {
            devices[index].summary.connected = connected.contains(devices[index].summary.id)
        }
        return devices
    }

    /// The same without what answers about single devices don't show.
    func summaries(_ count: Int, after last: String?, connected: Set<String>) -> [DeviceSummary] {
        devices(count, after: last, connected: connected).map(\.summary)
    }

    /// True when allocations in the heap have failed within the last hour.
    func hasFailed(_ heap: Int64, at now: Timestamp) -> Bool { failures.lastHour(of: heap, at: now) != nil }

    /// True when the device has been entered.
    func knows(_ device: String) -> Bool { state.withLock { $0.device(device) != nil } }

    // MARK: Warnings

    /// Shows a warning with a device for an hour. A later warning with the same code replaces it.
    func warn(_ device: String, _ warning: DeviceWarning, at now: Timestamp) {
        state.withLock { state in
            if state.warnings[device] == nil, state.warnings.count >= Self.mostWarned {
                state.warnings = state.warnings.filter { $0.value.contains { Self.isShown($0, at: now) } }
                guard state.warnings.count < Self.mostWarned else { return }
            }
            state.warnings[device, default: []].removeAll { $0.warning.code == warning.code }
            state.warnings[device]?.append(Noticed(warning: warning, time: now))
        }
    }

    func clear(_ device: String, _ code: DeviceWarning.Code) {
        state.withLock { $0.warnings[device]?.removeAll { $0.warning.code == code } }
    }

    fileprivate static func isShown(_ noticed: Noticed, at now: Timestamp) -> Bool {
        let (age, overflow) = now.microseconds.subtractingReportingOverflow(noticed.time.microseconds)
        return !overflow && age.magnitude < shown.magnitude
    }
}

extension DeviceDirectory.State {
    fileprivate mutating func add(_ entry: DeviceDirectory.Entry, _ recent: [Int64: ArrivalIndex.Figures]) {
        let device: DeviceDirectory.Device
        if let known = devices[entry.device] {
            device = known
        } else {
            device = DeviceDirectory.Device(entry.device, entry.summary)
            devices[entry.device] = device
            order.insert(device, at: place(of: device.summary.id))
        }
        guard let heap = entry.heap else { return }
        device.heaps.append(heap)
        owners[heap.id] = device
        if let recent = recent[heap.id] { device.add(recent, of: heap.id) }
    }

    fileprivate mutating func remove(_ id: Int64) {
        guard let device = devices.removeValue(forKey: id) else { return }
        for (heap, _) in device.heaps { owners[heap] = nil }
        let place = place(of: device.summary.id)
        if place < order.count, order[place] === device { order.remove(at: place) }
    }

    fileprivate func add(_ figures: ArrivalIndex.Figures, of heap: Int64) {
        owners[heap]?.add(figures, of: heap)
    }

    fileprivate mutating func count(_ failures: Count, of heap: Int64) {
        guard !failures.isZero, owners[heap] != nil else { return }
        failed[heap, default: .zero] += failures
    }

    fileprivate func devices(_ count: Int, after last: String?, _ failures: RecentFailures) -> [KnownDevice] {
        var first = last.map(place) ?? 0
        if first < order.count, order[first].summary.id == last { first += 1 }
        let now = Timestamp.now
        return order[first...].prefix(count).map { device in
            var answer = device.answer(failures, failed, at: now)
            let noticed = warnings[answer.summary.id]?.filter { DeviceDirectory.isShown($0, at: now) } ?? []
            answer.summary.warnings += noticed.map(\.warning)
            answer.summary.labels = labels[device.id] ?? [:]
            if proofs[device.id] == nil, let warning = DeviceWarning.plaintext(answer.summary.link) {
                answer.summary.warnings.append(warning)
            }
            return answer
        }
    }

    fileprivate func device(_ name: String) -> DeviceDirectory.Device? {
        let place = place(of: name)
        return place < order.count && order[place].summary.id == name ? order[place] : nil
    }

    /// Where a name stands, or would stand: names are compared as SQLite does, byte by byte.
    private func place(of name: String) -> Int {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if order[middle].summary.id.utf8.lexicographicallyPrecedes(name.utf8) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}

extension DeviceDirectory.Device {
    fileprivate func add(_ figures: ArrivalIndex.Figures, of heap: Int64) {
        guard let index = heaps.firstIndex(where: { $0.id == heap }),
            Int(figures.sequence) > heaps[index].summary.sequence
        else { return }
        if let known = figures.figures {
            (heaps[index].summary.used, heaps[index].summary.liveBlocks) = (known.used, known.liveBlocks)
            heaps[index].summary.peak = max(heaps[index].summary.peak, known.peak)
        }
        heaps[index].summary.sequence = Int(figures.sequence)
        summary.lastSeen = max(summary.lastSeen, figures.seen)
    }

    fileprivate func add(_ fill: RecorderFill, of heap: Int64) {
        guard let index = heaps.firstIndex(where: { $0.id == heap }) else { return }
        heaps[index].summary.recorderMost = Int(fill.most)
        heaps[index].summary.recorderSize = Int(fill.size)
    }

    /// The answer for the device. A heap that was made anew appears once, as it is now.
    fileprivate func answer(_ failures: RecentFailures, _ failed: [Int64: Count], at now: Timestamp) -> KnownDevice {
        var (summary, failedAllocations) = (summary, [Int]())
        summary.heaps.reserveCapacity(heaps.count)
        failedAllocations.reserveCapacity(heaps.count)
        for (id, heap) in heaps {
            var heap = heap
            if let recent = failures.lastHour(of: id, at: now) {
                (heap.failuresLastHour, heap.failureReason) = (recent.count, recent.reason)
            }
            if let last = summary.heaps.last, last.heap == heap.heap {
                guard heap.sequence >= last.sequence else { continue }
                summary.heaps.removeLast()
                failedAllocations.removeLast()
            }
            summary.heaps.append(heap)
            failedAllocations.append(failed[id]?.int ?? 0)
        }
        summary.warnings += DeviceWarning.recorder(summary.heaps).map { [$0] } ?? []
        return KnownDevice(summary: summary, failures: failedAllocations)
    }
}

extension DeviceDirectory.Entry {
    fileprivate init(_ row: Row) {
        device = row[0]
        summary = DeviceSummary(row)
        heap = (row[7] as Int64?).map { ($0, HeapSummary(row)) }
    }
}

extension DeviceSummary {
    fileprivate init(_ row: Row) {
        self.init(
            id: row[1], build: row[5], boot: UInt32(clamping: row[4] as Int64), link: row[6], connected: false,
            firstSeen: Timestamp(microseconds: row[2]), lastSeen: Timestamp(microseconds: row[3]), heaps: [])
        if row[18] as Int64 > 1 {
            warnings = [
                DeviceWarning(
                    .bootIDReused,
                    "The device sent boot id \(boot) for more than one run. Runs are kept apart as far as its clock tells; give "
                        + "it another boot id after every reset.")
            ]
        }
    }
}

extension DeviceWarning {
    /// Of a link over TCP to another machine.
    fileprivate static func plaintext(_ link: String) -> DeviceWarning? {
        guard link.hasPrefix("tcp "), let colon = link.lastIndex(of: ":") else { return nil }
        let host = link.dropFirst(4)[..<colon].filter { $0 != "[" && $0 != "]" }
        guard let address = try? SocketAddress(ipAddress: host, port: 0), !address.isLoopback else { return nil }
        return DeviceWarning(
            .plaintext,
            "It reports over plain TCP from \(host): whoever is on the way can read and change it. Give it TLS: --listen-tls or "
                + "--listen-psk.")
    }

    /// Of the fullest recorder, when it was fuller than three quarters.
    fileprivate static func recorder(_ heaps: [HeapSummary]) -> DeviceWarning? {
        let fills = heaps.compactMap { heap -> (heap: HeapSummary, most: Int, size: Int)? in
            // Both have 32 bits.
            guard let most = heap.recorderMost, let size = heap.recorderSize, size > 0, most >= size - size / 4 else {
                return nil
            }
            return (heap, most, size)
        }
        guard let (heap, most, size) = fills.max(by: { $0.size - $0.most > $1.size - $1.most }) else { return nil }
        let name = heap.name.isEmpty ? "\(heap.heap)" : heap.name
        return DeviceWarning(
            .recorderNearlyFull,
            "The recorder of heap \(name) was \(most * 100 / size) % full since the boot. Poll the agent more often, or give the recorder "
                + "more bytes, before it loses operations.")
    }
}

extension HeapSummary {
    fileprivate init(_ row: Row) {
        self.init(
            heap: row[8], name: row[9], baseAddress: Address(UInt64(bitPattern: row[10])), size: row[11],
            alignment: row[12], tableSize: row[13], used: row[14], liveBlocks: row[15], peak: row[16],
            sequence: row[17])
        (recorderMost, recorderSize) = (row.size(ifAny: "recorder_most"), row.size(ifAny: "recorder_size"))
    }
}
