// SPDX-License-Identifier: Apache-2.0
//
// What ``MoveList`` says, with its moves apart.

internal import HeapHistory

struct MoveAnswer: JSONList {
    var list: MoveList
    var elements: MoveTrace

    func writeBeginning(to json: inout JSONWriter) { list.writeBeginning(to: &json) }
    func writeEnd(to json: inout JSONWriter) { list.writeEnd(to: &json) }
}
