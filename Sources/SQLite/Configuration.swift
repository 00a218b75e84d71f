internal import CSQLite

/// Fits the library to a process of one thread that makes a few small transactions: no mutexes, no memory statistics, and
/// no pages prepared in advance.
///
/// To be called before the first connection is opened, by a process that uses the library from one thread only.
package func configureForOneThread() {
  _ = csqlite_configure(SQLITE_CONFIG_SINGLETHREAD)
  _ = csqlite_configure_number(SQLITE_CONFIG_MEMSTATUS, 0)
  _ = csqlite_configure_page_cache(0, 0)
}
