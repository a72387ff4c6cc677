// What the path of a query must not do: take memory, or a lock. Both are counted, for each kind of answer.

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <mutex>

#include "tests/server/answer/all_kinds.h"

// The sanitizers stand in these places themselves.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)

namespace {
thread_local int taken = 0;  // pieces of memory, and locks
}

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);

void* malloc(std::size_t size) {
  ++taken;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  ++taken;
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
  ++taken;
  return __libc_realloc(old, size);
}
int pthread_mutex_lock(pthread_mutex_t* mutex) {
  ++taken;
  using Lock = int (*)(pthread_mutex_t*);
  static const auto lock = reinterpret_cast<Lock>(::dlsym(RTLD_NEXT, "pthread_mutex_lock"));
  return lock(mutex);
}
}

using namespace holdfast::server;

namespace {

int taken_by(const auto& action) {
  const int before = taken;
  action();
  return taken - before;
}

TEST(PathOfAQuery, IsWatched) {
  EXPECT_GT(taken_by([] { delete new std::string(100, 'x'); }), 0);
  std::mutex mutex;
  EXPECT_GT(taken_by([&] { const std::lock_guard lock(mutex); }), 0);
}

TEST(PathOfAQuery, TakesNeitherMemoryNorLocks) {
  std::vector<std::uint8_t> room(65535);
  for (const bool prebuilt : {true, false}) {
    const Zones zones = zones_of_all_kinds(prebuilt);
    for (const auto& query : queries_of_all_kinds()) {
      for (const Transport transport : {Transport::udp, Transport::tcp}) {
        const Serving serving = zones.serving();
        EXPECT_EQ(taken_by([&] { answer(query, room, serving, transport); }), 0);
        Exchange one{query};
        EXPECT_EQ(taken_by([&] { answer({&one, 1}, room, serving, transport); }), 0);
      }
    }
  }
}

}  // namespace

#endif
