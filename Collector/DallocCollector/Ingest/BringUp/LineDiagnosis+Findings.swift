// SPDX-License-Identifier: Apache-2.0
//
// What follows from what came.

internal import HeapHistory
internal import HeapWire

extension LineDiagnosis {
    /// The most important first.
    var findings: [LineFinding] {
        var found = isListening ? onDevice : [onBytes]
        if let end { found.insert(.lineEnded(why: end), at: 0) }
        if !found.contains(where: { $0.isProblem }) {
            found.insert(.well(frames: sound, isOneWay: check.hello?.isOneWay == true), at: 0)
        }
        return found
    }

    /// No frame came. What the given speed brought counts, but for text at another one.
    private var onBytes: LineFinding {
        var (impression, damaged) = first ?? (impression, allDamaged)
        if self.impression.isText { (impression, damaged) = (self.impression, 0) }
        var console = console
        console.take()
        if impression.bytes == 0 { return .silent(seconds: now / 1000) }
        if impression.isText { return .console(sample: ConsoleText.words(of: console.sample), baud: rate) }
        if impression.isHardlyMoreThanZeros { return .heldLow(bytes: impression.bytes) }
        if impression.zeros == 0 { return .noZero(bytes: impression.bytes) }
        if impression.lacksHighBits { return .sevenBits(bytes: impression.bytes) }
        return .noSoundFrame(damaged: damaged, bytes: impression.bytes)
    }

    private var onDevice: [LineFinding] {
        var found: [LineFinding] = []
        let seconds = max(1, (now - (firstSound ?? 0)) / 1000)
        if rate != plan.baud { found.append(.wrongSpeed(given: plan.baud, right: rate)) }
        found += onGreeting(seconds)
        if damaged > 0 || !check.missing.isZero {
            found.append(.damagedFrames(damaged: damaged, sound: sound, missing: check.missing.int))
        }
        if console.lines > 0 {
            found.append(
                .consoleAmongFrames(sample: ConsoleText.words(of: console.sample), lines: console.lines))
        }
        if check.unreadable > 0 { found.append(.unreadableFrames(check.unreadable, why: check.unreadableWords)) }
        if check.mismatches > 0 { found.append(.tablesDiffer(times: check.mismatches)) }
        found += onLoad
        if check.resets > 1 { found.append(.resets(check.resets, seconds: seconds)) }
        if check.repeatsBootID, let hello = check.hello { found.append(.repeatedBootID(hello.boot)) }
        if let finding = wrongClock(after: Time.clock) { found.append(finding) }
        return found + notes
    }

    private func onGreeting(_ seconds: Int) -> [LineFinding] {
        var found: [LineFinding] = []
        if let other = check.otherVersion { found.append(.otherVersion(words: other.words)) }
        if let why = check.badHello { found.append(.malformedHello(why: why)) }
        if check.collectorFrames > 0 { found.append(.collectorFrames(check.collectorFrames)) }
        guard let hello = check.hello else {
            if found.isEmpty { found.append(.noHello(frames: sound, seconds: seconds)) }
            return found
        }
        let hasSpoken = check.frames > 0 || check.repeated > 0 || check.early > 0 || check.unreadable > 0
        if hello.heaps.isEmpty {
            found.append(.noHeaps)
        } else if !hasSpoken, !hello.isOneWay {
            found.append(check.unheard > 0 ? .notHeard(hellos: check.unheard) : .silentAfterWelcome)
        }
        return found
    }

    private var onLoad: [LineFinding] {
        var found: [LineFinding] = []
        let load = check.load
        if !check.lost.isZero {
            found.append(
                .operationsLost(check.lost.int, told: load.operations, perSecond: load.operationsPerSecond))
        }
        if let bytes = load.bytesPerSecond, let percent = load.percent(ofBaud: rate), percent >= 90 {
            found.append(.lineFull(bytesPerSecond: bytes, baud: rate))
        }
        return found
    }

    private var notes: [LineFinding] {
        guard let hello = check.hello else { return [] }
        func names(_ isMeant: (Int64) -> Bool) -> [String] {
            hello.heaps.enumerated().filter { isMeant(Int64($0.offset)) }.map { $0.element.label }
        }
        let summarized = names { check.summarized.contains($0) }
        let unproven = names { !check.summarized.contains($0) && !check.exact.contains($0) }
        var found: [LineFinding] = []
        if hello.isOneWay { found.append(.oneWay) }
        if !summarized.isEmpty { found.append(.summaries(heaps: summarized)) }
        if !unproven.isEmpty, check.frames > 0 { found.append(.unproven(heaps: unproven)) }
        return found
    }

    /// - Parameter least: milliseconds that the clock must have been watched.
    func wrongClock(after least: Int) -> LineFinding? {
        guard let hello = check.hello, let measured = check.ticksPerSecond, check.clockSpan >= least else { return nil }
        let stated = Double(hello.ticksPerSecond)
        // A busy machine delays what comes; so far it is never off.
        guard measured < stated / 1.5 || measured > stated * 1.5 else { return nil }
        return .wrongClock(stated: hello.ticksPerSecond, measured: measured)
    }

    var report: LineReport {
        LineReport(
            path: plan.path, baud: plan.baud, rate: isListening ? rate : nil, triedRates: search.tried,
            milliseconds: now, bytes: bytes, soundFrames: sound, damagedFrames: isListening ? damaged : allDamaged,
            repeatedFrames: check.repeated, missingFrames: check.missing.int, operationsLost: check.lost.int,
            device: device, load: check.load, findings: findings)
    }

    private var device: LineReport.Device? {
        guard let hello = check.hello else { return nil }
        let heaps = hello.heaps.enumerated().map { index, heap in
            LineReport.Heap(
                number: heap.number, name: heap.name, base: heap.layout.baseAddress, size: heap.layout.size,
                alignment: heap.layout.alignment, tableSize: heap.layout.tableSize,
                policy: heap.layout.isWatched ? .watched : heap.layout.isLazy ? .lazy : .eager,
                hasCallSites: heap.layout.hasCallSites, isProven: check.exact.contains(Int64(index)))
        }
        return LineReport.Device(
            id: hello.device, build: hello.build, boot: hello.boot, ticksPerSecond: hello.ticksPerSecond,
            pointerWidth: heaps.isEmpty ? 4 : hello.heaps[0].layout.pointerWidth, isOneWay: hello.isOneWay,
            offersSummaries: hello.capabilities.has(.summaries), heaps: heaps)
    }
}

extension DeviceHello.AnnouncedHeap {
    /// Its name; where it has none, its number.
    fileprivate var label: String { name.isEmpty ? "heap \(number)" : name }
}
