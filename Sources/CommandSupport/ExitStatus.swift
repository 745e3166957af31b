// SPDX-License-Identifier: Apache-2.0
//
// The exit codes of all programs: those of sysexits.h where it has one. docs/operating.md says what each means for each program.

public enum ExitStatus {
    public static let success: Int32 = 0
    /// Nothing else fits; or a check has found something.
    public static let failure: Int32 = 1
    /// EX_USAGE: the command line makes no sense.
    public static let usage: Int32 = 64
    /// EX_DATAERR: what was asked for can't be read or known.
    public static let data: Int32 = 65
    /// EX_NOINPUT: what was named is not there.
    public static let noInput: Int32 = 66
    /// EX_UNAVAILABLE: the other side can't be reached, or an address is taken.
    public static let unavailable: Int32 = 69
    /// EX_SOFTWARE: a mistake of the program's own.
    public static let software: Int32 = 70
    /// EX_OSERR: the system gives no memory, descriptor or the like.
    public static let system: Int32 = 71
    /// EX_CANTCREAT: a file can't be created.
    public static let cannotCreate: Int32 = 73
    /// EX_IOERR: a file can't be read or written, or is damaged.
    public static let io: Int32 = 74
    /// EX_TEMPFAIL: it may work later.
    public static let temporary: Int32 = 75
    /// EX_PROTOCOL: the other side speaks something else.
    public static let protocolError: Int32 = 76
    /// EX_CONFIG: the configuration, or a file that it names, can't be used.
    public static let configuration: Int32 = 78
}
