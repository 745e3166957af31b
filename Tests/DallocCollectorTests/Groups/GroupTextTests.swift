// SPDX-License-Identifier: Apache-2.0

import HeapHistory
import Testing

@testable import DallocCollector

struct GroupTextTests {
    @Test(arguments: [
        "z", "c8001234", "v20000100", "o", "o8001234", "s1", "s64", "s4294967296", "i64+8", "i1+0",
        "i4294967296+4294967295",
        "cffffffffffffffff",
    ])
    func aCodeComesBack(_ code: String) throws {
        #expect(try #require(BlockGroup(code: code)).code == code)
    }

    @Test(arguments: [
        "", "q1", "zz", "c", "c-1", "s", "s63", "s0", "s8589934592", "i64", "i64+", "i63+0", "i64+4294967296", "i1+2+3",
    ])
    func whatIsNoCodeIsRefused(_ code: String) { #expect(BlockGroup(code: code) == nil) }

    @Test(
        arguments: [(0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (64, 6), (65, 7), (UInt32.max, 32)]
            as [(UInt32, UInt64)])
    func sizesAreInClassesThatDouble(_ size: UInt32, _ exponent: UInt64) {
        #expect(BlockGroup.size(size).value == exponent)
        #expect(UInt64(size) <= BlockGroup.size(size).largestSize)
    }

    private static var group: GroupPeriod.Group {
        var figures = GroupFigures()
        (figures.liveBlocks, figures.liveBytes, figures.oldest) = (3, 96, 7200)
        figures.allocated = Count(clamping: 10)
        figures.freed = Count(clamping: 7)
        figures.bytesMoved = Count(clamping: UInt64.max)
        figures.lifetimes.add(milliseconds: 2)
        figures.lifetimes.add(2, to: 4)
        return GroupPeriod.Group(
            group: BlockGroup(kind: .callSite, value: 0x800_1234), figures: figures, points: [96, nil, 0])
    }

    private static var body: String {
        GroupPeriod(
            time: 0, hours: 3, pointHours: 1, knownSeconds: 0, groups: [group], groupCount: 1, largestOther: nil
        ).body
    }

    @Test func aBodyComesBack() throws {
        let other = GroupPeriod.Group(group: .others, figures: GroupFigures(), points: [])
        for groups in [[], [Self.group], [Self.group, other]] {
            let period = GroupPeriod(
                time: 0, hours: 3, pointHours: 1, knownSeconds: 0, groups: groups, groupCount: groups.count,
                largestOther: nil)
            #expect(GroupPeriod.groups(period.body) == groups)
        }
        #expect(
            Self.body
                == #"[["c8001234",3,96,10,7,0,4611686018427387903,7200,[2,1,0,2],[96,null,0]]]"#)
    }

    private static func points(_ body: [UInt8]) -> PeriodPoints? {
        var points = PeriodPoints()
        return body.withUnsafeBufferPointer { points.read($0) } ? points : nil
    }

    /// A search for growth reads the same as everybody else.
    @Test func theShortWayThroughABodyReadsTheSame() throws {
        let points = try #require(Self.points(Array(Self.body.utf8)))
        let entry = try #require(points.entries.first)
        #expect(points.entries.count == 1 && entry.group == Self.group.group)
        #expect((entry.liveBlocks, entry.liveBytes) == (3, 96) && Array(points.points[entry.points]) == [96, nil, 0])
    }

    /// Every text that is cut or changed somewhere is read, or refused: never more.
    @Test func aBodyThatIsSpoiledEndsNothing() {
        let text = Array(Self.body.utf8)
        for length in 0..<text.count {
            #expect(GroupPeriod.groups(String(decoding: text[..<length], as: UTF8.self)) == nil)
            #expect(Self.points(Array(text[..<length])) == nil)
        }
        var random = SeededChoices(seed: 1)
        for _ in 0..<2000 {
            var spoiled = text
            spoiled[random.below(text.count)] = UInt8(truncatingIfNeeded: random.next())
            _ = GroupPeriod.groups(String(decoding: spoiled, as: UTF8.self))
            _ = Self.points(spoiled)
        }
    }
}
