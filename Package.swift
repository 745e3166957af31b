// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// What every target of ours is held to.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

// What also compiles as Embedded Swift: the ordinary build refuses what the embedded one can't do.
let device: [SwiftSetting] = house + [.treatWarning("EmbeddedRestrictions", as: .error)]

let package = Package(
    name: "dalloc",
    products: [
        .library(name: "Dalloc", targets: ["Dalloc"]),
        .library(name: "DallocAgent", targets: ["Dalloc", "DallocAgent", "POSIXLink"]),
        .library(name: "HeapWire", targets: ["HeapWire"]),
        .executable(name: "dalloc-collector", targets: ["dalloc-collector"]),
        .executable(name: "dalloc", targets: ["dalloc"]),
        .executable(name: "dalloc-simulator", targets: ["dalloc-simulator"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // On the device, and on both sides.
        .target(
            name: "CDalloc", path: "Sources/CDalloc",
            // Messages go where the program says, printf otherwise; plain C builds know dalloc_debug only.
            cSettings: [.define("DALLOC_REPORT_SINK")]),
        .target(name: "Dalloc", dependencies: ["CDalloc"], path: "Sources/Dalloc", swiftSettings: device),
        .target(name: "HeapWire", path: "Sources/HeapWire", swiftSettings: device),
        .target(
            name: "CDallocAgent", dependencies: ["CDalloc"], path: "Agent/DallocAgent", sources: ["port"]),
        .target(
            name: "DallocAgent", dependencies: ["CDalloc", "Dalloc", "HeapWire", "CDallocAgent"],
            path: "Agent/DallocAgent", exclude: ["include", "port"], swiftSettings: device),
        .target(
            name: "CPOSIXLink", dependencies: ["CDallocAgent"], path: "Agent/POSIXLink", sources: ["system"]),
        .target(
            name: "POSIXLink", dependencies: ["CPOSIXLink", "DallocAgent"], path: "Agent/POSIXLink",
            exclude: ["include", "system"], swiftSettings: device),

        // On the collector's machine.
        .target(name: "HeapReplica", dependencies: ["HeapWire"], path: "Sources/HeapReplica", swiftSettings: house),
        .target(name: "HeapHistory", path: "Sources/HeapHistory", swiftSettings: house),
        .target(
            name: "CommandSupport",
            dependencies: ["HeapHistory", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Sources/CommandSupport", swiftSettings: house),
        .systemLibrary(name: "CMalloc", path: "Collector/CMalloc"),
        .systemLibrary(name: "CFileStatus", path: "Collector/CFileStatus"),
        .target(
            name: "CPageGuard", dependencies: [.product(name: "GRDBSQLite", package: "GRDB.swift")],
            path: "Collector/CPageGuard"),
        .target(
            name: "DallocCollector",
            dependencies: [
                "CFileStatus", "CMalloc", "CPageGuard", "HeapWire", "HeapReplica", "HeapHistory",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Collector/DallocCollector",
            resources: [.embedInCode("Store/Migrations")],
            swiftSettings: house),
        .executableTarget(
            name: "dalloc-collector",
            dependencies: [
                "CommandSupport", "DallocCollector", "HeapHistory",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Collector/dalloc-collector", swiftSettings: house),
        .executableTarget(
            name: "dalloc",
            dependencies: [
                "CCurl", "CommandSupport", "HeapHistory",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Collector/dalloc", swiftSettings: house),
        .target(name: "CCurl", path: "Collector/CCurl"),
        .systemLibrary(name: "CEpoll", path: "Collector/CEpoll"),
        .executableTarget(
            name: "dalloc-simulator",
            dependencies: [
                "CEpoll", "CDalloc", "Dalloc", "CDallocAgent", "DallocAgent", "HeapWire", "CPOSIXLink", "POSIXLink",
                "CommandSupport", "DallocCollector", "HeapHistory",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Collector/dalloc-simulator", swiftSettings: house),

        // Each of them, and all together.
        // Devices as schema/wire.md describes them, and their frames field by field: for fuzz targets and tests.
        .target(
            name: "FuzzModels", dependencies: ["HeapReplica", "HeapWire"], path: "Fuzzing/Support", swiftSettings: house
        ),
        // What several test targets need.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: house),
        .testTarget(name: "DallocTests", dependencies: ["CDalloc", "Dalloc", "TestSupport"], swiftSettings: house),
        .testTarget(name: "CLibraryTests", dependencies: ["TestSupport"], swiftSettings: house),
        .testTarget(
            name: "HeapWireTests", dependencies: ["HeapReplica", "HeapWire", "TestSupport"], swiftSettings: house),
        .testTarget(name: "HeapHistoryTests", dependencies: ["HeapHistory", "TestSupport"], swiftSettings: house),
        .testTarget(
            name: "DallocAgentTests",
            dependencies: [
                "CDalloc", "CDallocAgent", "Dalloc", "DallocAgent", "TestSupport", "HeapReplica", "HeapWire",
            ],
            swiftSettings: house),
        .testTarget(
            name: "POSIXLinkTests", dependencies: ["CDallocAgent", "CPOSIXLink", "Dalloc", "DallocAgent", "POSIXLink"],
            swiftSettings: house),
        .testTarget(
            name: "DallocCollectorTests",
            dependencies: [
                "CDalloc", "Dalloc", "DallocCollector", "FuzzModels", "HeapHistory", "HeapReplica", "HeapWire",
                "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ], swiftSettings: house),
        .testTarget(name: "CommandSupportTests", dependencies: ["CommandSupport"], swiftSettings: house),
        .testTarget(
            name: "DallocCommandTests",
            dependencies: [
                "CommandSupport", "dalloc", "HeapHistory",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: house),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "CDalloc", "CDallocAgent", "CPOSIXLink", "Dalloc", "DallocAgent", "DallocCollector", "HeapHistory",
                "HeapReplica", "HeapWire", "POSIXLink", "FuzzModels", "TestSupport",
                "dalloc", "dalloc-collector", "dalloc-simulator",
                .product(name: "GRDB", package: "GRDB.swift"),
            ], exclude: ["Crash/faults.c"], swiftSettings: house),
    ]
)
