// SPDX-License-Identifier: Apache-2.0
//
// The database file of a real collector changes while it serves: no answer is ever wrong, /readyz says so when nothing
// is stored, and once a supervisor has started the collector again, devices are served.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized) struct LiveDamagedPlacesTests {
    enum Kind: CaseIterable {
        case flippedBit, zeroedPage, cutFile
    }

    private struct Random {
        var state: UInt64

        mutating func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % max(limit, 1)
        }
    }

    /// What came of the places.
    private struct Figures {
        var refused = 0
        var ends = 0
        var setAside = 0
    }

    private func spoil(_ path: String, _ kind: Kind, at place: Int, bit: Int = 0) throws {
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        defer { try? file.close() }
        switch kind {
        case .flippedBit:
            try file.seek(toOffset: UInt64(place))
            let byte = try #require(try file.read(upToCount: 1)?.first)
            try file.seek(toOffset: UInt64(place))
            try file.write(contentsOf: [byte ^ 1 << UInt8(bit)])
        case .zeroedPage:
            try file.seek(toOffset: UInt64(place / 4096 * 4096))
            try file.write(contentsOf: Data(count: 4096))
        case .cutFile: try file.truncate(atOffset: UInt64(place))
        }
    }

    private func device(_ name: String, _ collector: RunningCollector) throws -> Program {
        try Program(
            "dalloc-simulator",
            [
                "--collector", "127.0.0.1:\(collector.port)", "--name", name, "--rate", "500",
                "--frame-interval", "20", "--retry-limit", "250",
            ], in: collector.scratch)
    }

    private func sequence(of device: String, _ collector: RunningCollector) async -> Int {
        let summary = try? await collector.summary(of: device)
        return summary?.heaps.first?.sequence ?? 0
    }

    /// What a supervisor does: starts a collector again that has ended, for the one reason that it may have.
    private func supervise(_ collector: RunningCollector, _ figures: inout Figures) async throws {
        guard !collector.program.isRunning else { return }
        let end = try await collector.program.finish()
        #expect(end.status == 74, "\(end.errors.suffix(2000))")
        figures.ends += 1
        // It throws unless the collector is ready.
        try await collector.restart()
    }

    /// Frames of the device are stored again, with at most two starts. While they are not, the collector does not call
    /// itself ready for long.
    private func expectToServe(
        _ device: String, _ collector: RunningCollector, _ figures: inout Figures, _ place: String
    ) async throws {
        let ends = figures.ends
        // A new history begins with #0, and the device goes on in it with the numbers that it has.
        let before = await sequence(of: device, collector)
        var unserved: Date?
        try await wait(for: "frames to be taken after \(place)") {
            try await supervise(collector, &figures)
            let now = await sequence(of: device, collector)
            if now > before + 20 { return true }
            let isReady = (try? await collector.get("readyz").1) == 200
            unserved = isReady ? unserved ?? .now : nil
            if let unserved, Date.now.timeIntervalSince(unserved) > 40 {
                throw TimedOut(description: "/readyz says ready, and no frame is taken for 40 s after \(place)")
            }
            return false
        }
        #expect(figures.ends - ends <= 2, "\(place)")
    }

    /// Spoils a file under a collector, and returns when all has been asked and is served again.
    private func round(
        _ history: KnownHistory, _ figures: inout Figures, _ change: (RunningCollector) throws -> String
    ) async throws {
        let collector = try await history.collector()
        let early = try device("early", collector)
        try await wait(for: "the device") { await sequence(of: "early-01", collector) > 5 }
        let place = try change(collector)
        for _ in 0..<2 {
            let (wrong, refused) = try await history.wrongAnswers(of: collector)
            #expect(wrong == [], "\(place)")
            figures.refused += refused
            try await supervise(collector, &figures)
        }
        // One that was connected, and one that comes now.
        let late = try device("late", collector)
        for name in ["early-01", "late-01"] { try await expectToServe(name, collector, &figures, place) }
        #expect(try await history.wrongAnswers(of: collector).wrong == [], "\(place)")
        for program in [early, late] {
            program.signal(SIGTERM)
            let end = try await program.finish()
            #expect(end.errors.contains(" 0 frames not acknowledged"), "\(place): \(end.errors)")
        }
        collector.program.signal(SIGTERM)
        let end = try await collector.program.finish()
        #expect([0, 74].contains(end.status), "\(place): \(end.errors.suffix(2000))")
        let names = try FileManager.default.contentsOfDirectory(atPath: collector.scratch.path)
        figures.setAside += names.count { $0.contains(".damaged-") && $0.hasSuffix("Z") }
    }

    /// A tenth of what `scripts/soak.sh damage` asks for, each with a collector of its own. Nil in the short form.
    private static let longForm =
        ProcessInfo.processInfo.environment["DALLOC_DAMAGED_PLACES"].flatMap { Int($0) }.map { max(1, $0 / 10) }
    private static let places = longForm ?? 2
    private static let roots =
        longForm == nil
        ? ["devices", "clocks", "chunks_by_sequence"]
        : ["devices", "boots", "heaps", "clocks", "chunks", "chunks_by_sequence", "gaps"]

    @Test func noPlaceOfALiveDatabaseMakesAnAnswerWrongOrEndsTheService() async throws {
        let history = try await KnownHistory()
        var random = Random(state: 13)
        for kind in Kind.allCases {
            var figures = Figures()
            for _ in 0..<Self.places {
                try await round(history, &figures) { collector in
                    let size = try #require(try FileHandle(forReadingAtPath: collector.database)?.seekToEnd())
                    let (place, bit) = (random.next(Int(size)), random.next(8))
                    try spoil(collector.database, kind, at: place, bit: bit)
                    return "\(kind) at \(place)"
                }
            }
            print(
                "live \(kind): \(Self.places) places, \(figures.refused) answers refused, \(figures.ends) ends,",
                "\(figures.setAside) set aside")
        }
    }

    /// Where damage shows only in some kinds of work: devices that greet, chunks that are made, questions.
    @Test func noRootOfALiveDatabaseStopsTheService() async throws {
        let history = try await KnownHistory()
        for object in Self.roots {
            let place = try history.root(of: object)
            var figures = Figures()
            try await round(history, &figures) { collector in
                try spoil(collector.database, .zeroedPage, at: place)
                return "the root page of \(object)"
            }
            // A greeting needs the one, and a question the other.
            if ["clocks", "chunks_by_sequence"].contains(object) {
                #expect(figures.ends == 1 && figures.setAside == 1, "the root page of \(object)")
            }
            print(
                "the root page of \(object): \(figures.refused) answers refused, \(figures.ends) ends,",
                "\(figures.setAside) set aside")
        }
    }
}
