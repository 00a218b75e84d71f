// Starting processes and entering namespaces, for every file of these tests.
@_exported import NodeHarness
