#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace holdfast::zones {

/// A run of octets of which only the part that is used costs memory: room is asked for generously, written from the
/// start, and what was not needed is given back.
///
/// A large one lies in pages of its own, huge ones where the system has them (transparent_hugepage: madvise or always):
/// fewer misses of the TLB when names are looked up at random.
class Block {
 public:
  Block() noexcept = default;
  /// Room for `size` octets; all zero when it is large, else undefined. Throws std::bad_alloc.
  explicit Block(std::size_t size);
  ~Block();
  Block(Block&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Block& operator=(Block&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  std::uint8_t* data() noexcept { return data_; }
  const std::uint8_t* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }

  /// Becomes larger; the first `used` octets are kept. They may move.
  void grow(std::size_t size, std::size_t used);
  /// Keeps the first `size` octets. They may move.
  void shrink(std::size_t size);

  /// The octets of another one, which outlives it; to be let go before the end, without growing or shrinking.
  static Block borrow(const Block& from) noexcept;
  void let_go() noexcept;

 private:
  bool has_own_pages() const noexcept;  // else it is from malloc

  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace holdfast::zones
