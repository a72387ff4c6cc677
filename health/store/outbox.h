#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::health {

/// What is to stand in the store, or not to stand there, and what of it has yet to be written. No I/O, time passed in.
///
///   waiting -> writing -> there            together, as much as one transaction takes
///                 \-> doubted -> writing   one of several was refused: each alone, to see which
///                 \-> refused -> writing   that one, every kTryAgain
///
/// What goes alone takes every other transaction at most, so that neither keeps the other out.
class Outbox {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::size_t kMaxOperations = 64;   ///< of one transaction; etcd takes 128
  static constexpr std::size_t kMaxWrite = 1U << 20;  ///< octets after which it is full; etcd takes 1.5 MiB
  static constexpr std::chrono::seconds kTryAgain{5};

  /// What becomes of a key after it was written.
  enum class Life : std::uint8_t {
    leased,  ///< it dies with this process, or when it does not see; until then as `ours`
    ours,    ///< it is written again when it is not there, or not as we want it
    shared,  ///< nothing: whoever shares the store may change it
  };
  struct Write {
    std::string key;
    std::optional<std::string> value;  ///< null: nothing is to be there
    bool is_leased;
  };

  void put(const std::string& key, std::string value, Life life);
  void erase(const std::string& key);

  bool has(const std::string& key) const { return wanted_.contains(key); }
  bool has_leased() const noexcept;
  /// Of what is wanted, something was refused, or perhaps was.
  bool has_refused() const noexcept;
  std::size_t waiting() const noexcept;
  /// When take() has something, whatever comes; Time::max(): not before another call.
  /// @param has_lease  there is one to hang something on
  Time due(bool has_lease) const noexcept;

  /// The next transaction, which is in flight until wrote(), not_written() or refused(); empty: nothing is due.
  std::vector<Write> take(Time now, bool has_lease);
  void wrote();
  /// It came to nothing, for reasons that are not its own.
  void not_written();
  void refused(Time now);

  /// What hung on the lease before went with it.
  void lease_is_new();
  /// What somebody saw at the key; null: nothing. Ours is written again if that is not right.
  void stands(const std::string& key, std::optional<std::string_view> value);
  /// The same for all keys. @param found  what stands at a key; null: nothing
  template <class Find>
  void stands_all(const Find& found) {
    for (const auto& [key, wanted] : wanted_) stands(key, found(key));
  }

 private:
  struct Wanted {
    enum class State : std::uint8_t { waiting, doubted, refused, writing, there };
    std::optional<std::string> value{};
    Life life = Life::ours;
    State state = State::waiting;
    Time again{};  // where it is doubted or refused
  };
  using Place = std::map<std::string, Wanted>::iterator;

  static bool is_alone(Wanted::State state) noexcept;
  static bool may_write(const Wanted& wanted, bool has_lease) noexcept;
  std::vector<Place> choose(Time now, bool has_lease);

  std::map<std::string, Wanted> wanted_;
  Wanted::State taken_from_ = Wanted::State::waiting;  // of what was taken last, before that
  std::size_t taken_ = 0;                              // keys of it
};

}  // namespace holdfast::health
