// SPDX-License-Identifier: Apache-2.0
//
// Answers of the API with one number in every place that takes one.

enum EvilAnswers {
    /// A subcommand's words, and an answer for it, for each view and each of the times.
    static func all(_ number: String, _ times: [String]) -> [(words: [String], json: String)] {
        let (early, late) = (times[0], times[1])
        return [(early, late), (late, early)].flatMap { first, last in
            let gaps = gaps(number, first, last)
            let head = #""device":"a","name":"","since":"\#(first)","until":"\#(last)","known_until":"\#(last)""#
            return [
                (["devices"], devices(number, first)),
                (["history", "a"], history(number, first, last, head, gaps)),
                (["snapshot", "a"], snapshot(number, first, last)),
                (["moves", "a"], moves(number, first, head, gaps)),
                (["gaps", "a"], #"{\#(head),"heap":0,"gaps":[\#(gaps)]}"#),
            ]
        }
    }

    private static func devices(_ number: String, _ time: String) -> String {
        #"""
        {"devices":[{"id":"a","build":"1","boot":1,"link":"x","connected":false,"first_seen":"\#(time)","last_seen":"\#(time)",
        "labels":{},"warnings":[],"heaps":[{"heap":\#(number),"name":"","base_address":"0xffffffffffffffff","size":\#(number),
        "alignment":\#(number),"table_size":\#(number),"used":\#(number),"live_blocks":\#(number),"peak":\#(number),
        "failures_last_hour":\#(number),"failure_reason":"table_full","sequence":\#(number)},
        {"heap":0,"name":"m","base_address":"0x00000000","size":1,"alignment":4,"table_size":1,"used":\#(number),
        "live_blocks":1,"peak":0,"failures_last_hour":0,"sequence":1}]}]}
        """#
    }

    private static func history(
        _ number: String, _ first: String, _ last: String, _ head: String, _ gaps: String
    ) -> String {
        func point(_ time: String, _ figure: String) -> String {
            #"""
            {"time":"\#(time)","boot":1,"size":\#(figure),"used":\#(number),"live_blocks":\#(number),"peak":\#(figure),
            "allocated":\#(number),"freed":\#(number),"failures":\#(number),"moves":\#(number),"bytes_moved":\#(number)}
            """#
        }
        let points = [point(last, number), point(first, number), point(first, "7"), point(last, "0")]
        return #"""
            {\#(head),"heap":\#(number),"size":\#(number),"step_microseconds":\#(number),
            "points":[\#(points.joined(separator: ","))],"gaps":[\#(gaps)]}
            """#
    }

    private static func snapshot(_ number: String, _ first: String, _ last: String) -> String {
        let entry = #"""
            {"index":\#(number),"offset":\#(number),"address":"0xffffffffffffffff","size":\#(number),"allocation":\#(number),
            "allocated_at":"\#(first)"}
            """#
        return #"""
            {"device":"a","boot":1,"build":"1","heap":\#(number),"name":"","base_address":"0xffffffffffffffff",
            "size":\#(number),"alignment":\#(number),"at":"\#(last)","time":"\#(first)","sequence":\#(number),
            "frame_time":"\#(first)","known_until":"\#(first)","used":\#(number),"entries":[\#(entry),\#(entry)]}
            """#
    }

    private static func moves(_ number: String, _ time: String, _ head: String, _ gaps: String) -> String {
        #"""
        {\#(head),"heap":\#(number),"truncated":true,"stopped_at":"\#(time)","gaps":[\#(gaps)],"moves":[{"time":"\#(time)",
        "boot":1,"sequence":\#(number),"allocation":\#(number),"from":"0x00000000","to":"0xffffffffffffffff",
        "bytes":\#(number),"cause":{"operation":"free","allocation":\#(number),"index":\#(number),"address":"0x00000000",
        "size":\#(number)}}]}
        """#
    }

    private static func gaps(_ number: String, _ first: String, _ last: String) -> String {
        #"""
        {"start":"\#(last)","end":"\#(first)","cause":"line_loss","operations":\#(number),"frames":\#(number)},
        {"start":"\#(first)","cause":"silence"},{"end":"\#(last)","cause":"no_keyframe"}
        """#
    }
}
