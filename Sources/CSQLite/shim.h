#include <sqlite3.h>

// `sqlite3_config` takes variable arguments, which Swift does not import.
static inline int csqlite_configure(int option) { return sqlite3_config(option); }
static inline int csqlite_configure_number(int option, int value) { return sqlite3_config(option, value); }
static inline int csqlite_configure_page_cache(int size, int count) {
  return sqlite3_config(SQLITE_CONFIG_PAGECACHE, (void *)0, size, count);
}
