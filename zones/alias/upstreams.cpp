#include "zones/alias/upstreams.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace holdfast::zones {

Upstreams::Upstreams(const std::vector<boost::asio::ip::udp::endpoint>& endpoints, std::uint32_t budget)
    : budget_(std::max<std::uint32_t>(budget, 1)) {
  for (const auto& endpoint : endpoints) {
    Upstream upstream;
    upstream.status.endpoint = endpoint;
    upstream.tokens = budget_;
    all_.push_back(upstream);
  }
}

double Upstreams::tokens(const Upstream& upstream, AliasTime now) const {
  const std::chrono::duration<double> passed = now - upstream.filled;
  return std::min(budget_, upstream.tokens + std::max(0.0, passed.count()) * budget_);
}

bool Upstreams::take(std::size_t index, AliasTime now) {
  Upstream& upstream = all_[index];
  upstream.tokens = tokens(upstream, now);
  upstream.filled = now;
  if (upstream.tokens < 1) {
    upstream.status.waited += 1;
    return false;
  }
  upstream.tokens -= 1;
  upstream.status.packets += 1;
  return true;
}

std::optional<std::size_t> Upstreams::pick(AliasTime now, std::optional<std::size_t> except,
                                           std::uint64_t random) {
  std::vector<std::size_t> order(all_.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  // Backed off ones last, by the end of it; `except` behind its like; then the fastest. One never asked counts as fast.
  const auto rank = [&](std::size_t i) {
    const UpstreamStatus& status = all_[i].status;
    const bool is_off = status.backed_off_until > now;
    return std::tuple(is_off, except == i, is_off ? status.backed_off_until : AliasTime{},
                      status.srtt.value_or(std::chrono::microseconds(0)));
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
  const auto usable = static_cast<std::size_t>(std::count_if(order.begin(), order.end(), [&](std::size_t i) {
    return all_[i].status.backed_off_until <= now && except != i;
  }));
  if (usable > 1 && random % kExploreOneIn == 0) {
    std::swap(order[0], order[1 + random / kExploreOneIn % (usable - 1)]);
  }
  for (const std::size_t i : order) {
    if (take(i, now)) return i;
  }
  return std::nullopt;
}

std::chrono::milliseconds Upstreams::wait(AliasTime now) const {
  double most = 0;
  for (const Upstream& upstream : all_) most = std::max(most, tokens(upstream, now));
  if (most >= 1) return std::chrono::milliseconds(0);
  return std::chrono::milliseconds(static_cast<int>(std::ceil((1 - most) / budget_ * 1000)));
}

void Upstreams::answered(std::size_t index, std::chrono::microseconds rtt) {
  Upstream& upstream = all_[index];
  auto& srtt = upstream.status.srtt;
  srtt = srtt ? (*srtt * 7 + rtt) / 8 : rtt;  // RFC 6298 2.3
  upstream.back_off = std::chrono::seconds(0);
  upstream.status.backed_off_until = {};
}

void Upstreams::back_off(Upstream& upstream, AliasTime now) {
  if (upstream.status.backed_off_until > now) return;  // of many questions in flight, the first says it
  upstream.back_off =
      upstream.back_off.count() == 0 ? kFirstBackOff : std::min(upstream.back_off * 2, kMaxBackOff);
  upstream.status.backed_off_until = now + upstream.back_off;
}

void Upstreams::timed_out(std::size_t upstream, AliasTime now) {
  all_[upstream].status.timeouts += 1;
  back_off(all_[upstream], now);
}

void Upstreams::refused(std::size_t upstream, AliasTime now) {
  all_[upstream].status.refusals += 1;
  back_off(all_[upstream], now);
}

std::vector<UpstreamStatus> Upstreams::status(AliasTime now) const {
  std::vector<UpstreamStatus> all;
  for (const Upstream& upstream : all_) {
    all.push_back(upstream.status);
    all.back().budget_used = 1 - tokens(upstream, now) / budget_;
  }
  return all;
}

}  // namespace holdfast::zones
