#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace holdfast::zones {

/// One immutable value that is exchanged now and then and read very often, from many threads.
///
/// A reader keeps what it has until it asks again, so nothing it borrowed from the value goes away under its feet; the
/// old value is freed by whoever lets go of it last.
template <class T>
class Published {
 public:
  explicit Published(std::shared_ptr<const T> value) : value_(std::move(value)) {}

  void publish(std::shared_ptr<const T> value) {
    {
      const std::lock_guard lock(mutex_);
      value_.swap(value);
      version_.fetch_add(1, std::memory_order_release);
    }
    // The old value, if nobody else has it, is freed here, outside of the lock.
  }

  std::shared_ptr<const T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

  /// One thread's view. Asking costs one atomic load while nothing was published.
  class Reader {
   public:
    explicit Reader(const Published& source)
        : source_(source), version_(source.version_.load(std::memory_order_acquire)), value_(source.get()) {}

    /// What was published last. Valid until the next call.
    const T& latest() noexcept {
      const std::uint64_t version = source_.version_.load(std::memory_order_acquire);
      if (version != version_) {
        value_ = source_.get();
        version_ = version;
      }
      return *value_;
    }

   private:
    const Published& source_;
    std::uint64_t version_;
    std::shared_ptr<const T> value_;
  };

 private:
  mutable std::mutex mutex_;
  std::atomic<std::uint64_t> version_{0};
  std::shared_ptr<const T> value_;
};

}  // namespace holdfast::zones
