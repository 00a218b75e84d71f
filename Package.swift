// swift-tools-version: 6.2
import PackageDescription

/// Every target is built alike: Swift 6 mode, warnings are errors.
let common: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Sources also mark memory-unsafe code; tests do not, because swift-testing's macros expand to code that does not.
let strict = common + [.strictMemorySafety()]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: common)
}

let package = Package(
  name: "contrail-k8s-cni",
  products: [
    .executable(name: "contrail-k8s-cni", targets: ["contrail-k8s-cni"]),
    .executable(name: "contrailctl", targets: ["contrailctl"]),
    .library(name: "ContrailIPAM", targets: ["ContrailIPAM", "NetworkAddresses"]),
    .library(name: "NetworkAttachments", targets: ["NetworkAttachments", "NetworkAddresses"]),
    .library(
      name: "Netlink", targets: ["Netlink", "NetlinkRoute", "NetlinkNetfilter", "LinuxSystem", "NetworkAddresses"]),
  ],
  dependencies: [
    // For the person's tool only: the plugin depends on nothing but the toolchain.
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
  ],
  targets: [
    // C shims and module maps, no logic.
    .target(name: "CLinux"),
    .target(name: "CStartUp"),
    .systemLibrary(name: "CJSONC", pkgConfig: "json-c", providers: [.apt(["libjson-c-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),

    // Pure values.
    module("NetworkAddresses"),
    module("ContrailIPAM", ["NetworkAddresses"]),

    // The system.
    module("LinuxSystem", ["CLinux"]),
    module("JSON", ["CJSONC"]),
    module("YAML", ["CYAML", "JSON"]),
    module("SQLite", ["CSQLite"]),
    module("Netlink", ["CLinux", "LinuxSystem"]),
    module("NetlinkRoute", ["CLinux", "LinuxSystem", "Netlink", "NetworkAddresses"]),
    module("NetlinkNetfilter", ["LinuxSystem", "Netlink", "NetworkAddresses"]),

    // The protocols.
    module("CNI", ["JSON", "NetworkAddresses"]),
    module("NetworkAttachments", ["CNI", "JSON", "NetworkAddresses"]),

    // The product.
    module("VirtualNetworks", ["ContrailIPAM", "JSON", "NetworkAddresses", "NetworkAttachments"]),
    module(
      "ObjectStore",
      [
        "ContrailIPAM", "JSON", "LinuxSystem", "NetworkAddresses", "NetworkAttachments", "SQLite", "VirtualNetworks",
      ]),
    module("Dataplane", ["LinuxSystem", "Netlink", "NetlinkNetfilter", "NetlinkRoute", "NetworkAddresses"]),
    module(
      "PluginVerbs",
      [
        "CNI", "ContrailIPAM", "Dataplane", "JSON", "LinuxSystem", "Netlink", "NetlinkNetfilter", "NetlinkRoute",
        "NetworkAddresses", "NetworkAttachments", "ObjectStore", "SQLite", "VirtualNetworks",
      ]),
    .executableTarget(
      name: "contrail-k8s-cni", dependencies: ["CStartUp", "LinuxSystem", "PluginVerbs", "SQLite"],
      swiftSettings: strict),
    module("ObjectPrinting", ["JSON", "VirtualNetworks", "YAML"]),
    .executableTarget(
      name: "contrailctl",
      dependencies: [
        "CNI", "CStartUp", "ContrailIPAM", "Dataplane", "JSON", "LinuxSystem", "Netlink", "NetlinkRoute",
        "NetworkAddresses",
        "NetworkAttachments", "ObjectPrinting", "ObjectStore", "PluginVerbs", "SQLite", "VirtualNetworks", "YAML",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    tests("LinuxSystemTests", ["KernelSandbox", "LinuxSystem", "CLinux"]),
    tests("NetworkAddressesTests", ["NetworkAddresses"]),
    tests("JSONTests", ["JSON", "SeededRandom"]),
    tests("SQLiteTests", ["KernelSandbox", "SQLite", "CLinux"]),
    tests("YAMLTests", ["YAML", "JSON"]),
    tests("NetlinkTests", ["KernelSandbox", "Netlink", "LinuxSystem", "CLinux"]),
    tests(
      "NetlinkRouteTests",
      ["KernelSandbox", "Netlink", "NetlinkRoute", "NetworkAddresses", "LinuxSystem", "CLinux"]),
    tests(
      "NetlinkNetfilterTests",
      ["KernelSandbox", "Netlink", "NetlinkNetfilter", "NetworkAddresses", "LinuxSystem", "CLinux"]),
    tests("CNITests", ["CNI", "JSON", "NetworkAddresses"]),
    tests("NetworkAttachmentsTests", ["NetworkAttachments", "CNI", "JSON", "NetworkAddresses"]),
    // Numbers that follow from a seed.
    .target(name: "SeededRandom", path: "Tests/SeededRandom", swiftSettings: common),
    // What every address store must do, for the tests of each of them.
    .target(
      name: "AddressStoreContract", dependencies: ["ContrailIPAM", "NetworkAddresses", "SeededRandom"],
      path: "Tests/AddressStoreContract",
      swiftSettings: common),
    tests("ContrailIPAMTests", ["ContrailIPAM", "NetworkAddresses", "AddressStoreContract"]),
    tests(
      "VirtualNetworksTests",
      ["VirtualNetworks", "ContrailIPAM", "JSON", "NetworkAddresses", "NetworkAttachments", "SeededRandom"]),
    tests(
      "ObjectStoreTests",
      [
        "AddressStoreContract", "ObjectStore", "ContrailIPAM", "JSON", "NetworkAddresses", "NetworkAttachments",
        "CLinux", "CSQLite", "LinuxSystem", "SQLite", "VirtualNetworks",
      ]),
    // Namespaces for exit tests.
    .target(
      name: "KernelSandbox", dependencies: ["CLinux", "LinuxSystem"], path: "Tests/KernelSandbox",
      swiftSettings: common),
    tests(
      "DataplaneTests",
      [
        "KernelSandbox", "Dataplane", "Netlink", "NetlinkRoute", "NetlinkNetfilter", "NetworkAddresses", "LinuxSystem",
        "CLinux", "SeededRandom",
      ]),
    tests(
      "PluginVerbsTests",
      [
        "KernelSandbox", "PluginVerbs", "CLinux", "CNI", "CSQLite", "Dataplane", "JSON", "LinuxSystem", "Netlink",
        "NetlinkRoute", "NetlinkNetfilter", "NetworkAddresses", "NetworkAttachments", "NodeHarness", "ObjectStore",
        "SQLite",
      ]),
    tests("ObjectPrintingTests", ["JSON", "ObjectPrinting", "VirtualNetworks"]),
    tests(
      "ContrailctlTests",
      [
        "contrailctl", "ContrailIPAM", "Dataplane", "JSON", "LinuxSystem", "NetworkAddresses", "NetworkAttachments",
        "ObjectStore",
        "PluginVerbs", "VirtualNetworks",
      ]),
    // Starts the built programs in network namespaces, for those who test them from outside.
    .target(name: "NodeHarness", dependencies: ["CLinux"], path: "Tests/NodeHarness", swiftSettings: common),
    tests(
      "PluginTests", ["JSON", "LinuxSystem", "CLinux", "NodeHarness", "SQLite", "YAML"], resources: [.copy("Fixtures")]),
    // What `make fuzz` gives foreign bytes to; the tests give it what was found.
    .target(
      name: "FuzzTargets",
      dependencies: [
        "CNI", "ContrailIPAM", "JSON", "LinuxSystem", "Netlink", "NetlinkNetfilter", "NetlinkRoute", "NetworkAddresses",
        "NetworkAttachments", "ObjectPrinting", "ObjectStore", "SQLite", "VirtualNetworks", "YAML",
      ],
      path: "Tests/Fuzzing/Targets", swiftSettings: common),
    tests("FuzzTargetsTests", ["FuzzTargets", "LinuxSystem"]),
    // `make torture`: kills, races and losses by the thousand.
    .executableTarget(
      name: "torture", dependencies: ["CLinux", "JSON", "NodeHarness", "SQLite", "SeededRandom"], path: "Tests/Torture",
      exclude: ["Fixtures"], swiftSettings: common),
  ],
  swiftLanguageModes: [.v6]
)

// `make documentation` only.
if Context.environment["CONTRAIL_DOCUMENTATION"] != nil {
  package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", exact: "1.5.0"))
}

// Links libFuzzer, so only scripts/fuzz asks for it.
if Context.environment["CONTRAIL_FUZZING"] == "1" {
  package.targets.append(
    .executableTarget(
      name: "fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzzing/Driver", swiftSettings: common))
}
