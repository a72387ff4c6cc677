#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <iterator>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace holdfast::zones {

/// A sequence that never changes, in blocks. One with other things at a few places shares with it all other blocks, so that it costs
/// little however long both are. A thing stays where it is for as long as any list has its block.
template <class T>
class SharedList {
 public:
  class Iterator;
  using Change = std::pair<std::size_t, T>;

  SharedList() = default;
  explicit SharedList(std::vector<T> all) : size_(all.size()) {
    for (std::size_t from = 0; from < size_; from += kBlock) {
      auto block = std::make_shared<Block>();
      const auto first = all.begin() + static_cast<std::ptrdiff_t>(from);
      std::move(first, first + static_cast<std::ptrdiff_t>(std::min(kBlock, size_ - from)), block->begin());
      blocks_.push_back(std::move(block));
    }
  }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  /// Below size(): not looked at, as this is on the path of a query.
  const T& operator[](std::size_t i) const noexcept {
    return blocks_.data()[i / kBlock].get()->data()[i % kBlock];
  }
  Iterator begin() const noexcept { return Iterator(*this, 0); }
  Iterator end() const noexcept { return Iterator(*this, size_); }

  /// The same with other things at some places, each below size().
  SharedList with(std::span<const Change> changes) const {
    SharedList next(*this);
    for (const auto& [place, thing] : changes) {
      std::shared_ptr<const Block>& block = next.blocks_[place / kBlock];
      if (block == blocks_[place / kBlock]) block = std::make_shared<Block>(*block);
      const_cast<Block&>(*block)[place % kBlock] = thing;  // made here, and nobody else's yet
    }
    return next;
  }

  /// The same, longer by things that are T().
  SharedList resized(std::size_t size) const {
    SharedList next(*this);
    next.size_ = std::max(size, size_);
    const std::size_t blocks = (next.size_ + kBlock - 1) / kBlock;
    if (blocks > blocks_.size()) next.blocks_.resize(blocks, std::make_shared<const Block>());
    return next;
  }

  /// Calls `visit(place)`, in order, for each place where `before`, which is as long, may have something else.
  template <class Visit>
  void each_unshared(const SharedList& before, const Visit& visit) const {
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      if (blocks_[i] == before.blocks_[i]) continue;
      for (std::size_t place = i * kBlock; place < std::min((i + 1) * kBlock, size_); ++place) visit(place);
    }
  }

 private:
  // A change copies a block, and a pointer to each block that there is: with 65,536 things as many of the one as of the other.
  static constexpr std::size_t kBlock = 256;
  using Block = std::array<T, kBlock>;

  std::vector<std::shared_ptr<const Block>> blocks_;
  std::size_t size_ = 0;
};

/// For the algorithms; good for as long as its list is.
template <class T>
class SharedList<T>::Iterator {
 public:
  using iterator_category = std::random_access_iterator_tag;
  using value_type = T;
  using difference_type = std::ptrdiff_t;
  using pointer = const T*;
  using reference = const T&;

  Iterator() = default;
  Iterator(const SharedList& list, std::size_t place) noexcept
      : list_(&list), place_(static_cast<difference_type>(place)) {}

  reference operator*() const noexcept { return (*list_)[static_cast<std::size_t>(place_)]; }
  pointer operator->() const noexcept { return &**this; }
  reference operator[](difference_type n) const noexcept { return *(*this + n); }
  Iterator& operator++() noexcept { return *this += 1; }
  Iterator operator++(int) noexcept { return std::exchange(*this, *this + 1); }
  Iterator& operator--() noexcept { return *this -= 1; }
  Iterator operator--(int) noexcept { return std::exchange(*this, *this - 1); }
  Iterator& operator+=(difference_type n) noexcept {
    place_ += n;
    return *this;
  }
  Iterator& operator-=(difference_type n) noexcept { return *this += -n; }
  friend Iterator operator+(Iterator a, difference_type n) noexcept { return a += n; }
  friend Iterator operator+(difference_type n, Iterator a) noexcept { return a += n; }
  friend Iterator operator-(Iterator a, difference_type n) noexcept { return a -= n; }
  friend difference_type operator-(Iterator a, Iterator b) noexcept { return a.place_ - b.place_; }
  friend bool operator==(Iterator a, Iterator b) noexcept { return a.place_ == b.place_; }
  friend auto operator<=>(Iterator a, Iterator b) noexcept { return a.place_ <=> b.place_; }

 private:
  const SharedList* list_ = nullptr;
  difference_type place_ = 0;
};

}  // namespace holdfast::zones
