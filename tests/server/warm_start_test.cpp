#include "server/warm_start.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/health/log/scratch.h"

namespace holdfast::server {
namespace {

using namespace std::chrono_literals;
using health::KeptState;
using health::KeptVerdict;
using health::Verdict;

health::MergedStatus status(int host, Verdict verdict, health::Basis basis = health::Basis::quorum) {
  health::MergedStatus status;
  status.target.id = health::seen(host, 0).target;
  status.verdict = verdict;
  status.basis = basis;
  return status;
}

class WarmStartTest : public testing::Test {
 protected:
  /// As "1 up, 2 down".
  std::string kept() const {
    std::string all;
    for (const KeptVerdict& one : KeptState(scratch.path()).at_start().verdicts) {
      all += (all.empty() ? "" : ", ") + one.target.address.to_string().substr(8) + ' ' +
             std::string(text(one.verdict));
    }
    return all;
  }

  const health::Scratch scratch;
  std::vector<health::MergedStatus> watched{status(1, Verdict::up), status(2, Verdict::down)};
};

TEST_F(WarmStartTest, KeepsWhatIsKnown) {
  WarmStart(scratch.path(), [&] { return watched; }).confirm();
  EXPECT_EQ(kept(), "1 up, 2 down");
}

TEST_F(WarmStartTest, DoesNotConfirmWhatNothingSupports) {
  watched.push_back(status(3, Verdict::down, health::Basis::nobody));
  watched.push_back(status(4, Verdict::unknown));
  WarmStart(scratch.path(), [&] { return watched; }).confirm();
  EXPECT_EQ(kept(), "1 up, 2 down");
}

TEST_F(WarmStartTest, WhatNobodyLookedAtIsNoYoungerForBeingTold) {
  WarmStart(scratch.path(), [&] { return watched; }).changed(status(3, Verdict::down, health::Basis::kept));
  EXPECT_EQ(kept(), "");
}

TEST_F(WarmStartTest, ForgetsWhatIsNotWatchedAtTheStart) {
  WarmStart(scratch.path(), [&] { return watched; }).confirm();
  watched.pop_back();
  WarmStart(scratch.path(), [&] { return watched; }).started();
  EXPECT_EQ(kept(), "1 up");
}

TEST_F(WarmStartTest, ForgetsWhatIsRemovedWhileItRuns) {
  {
    WarmStart warm(scratch.path(), [&] { return watched; });
    warm.confirm();
    warm.changed(status(3, Verdict::down));
    watched.pop_back();
    warm.confirm();
  }
  EXPECT_EQ(kept(), "1 up");
}

TEST_F(WarmStartTest, WhatChangesDuringTheLastLookIsKept) {
  std::future<void> change;
  {
    std::optional<WarmStart> warm;
    warm.emplace(scratch.path(), [&] {
      const auto before = watched;
      change = std::async(std::launch::async, [&] { warm->changed(status(1, Verdict::down)); });
      change.wait_for(200ms);  // it ends here only if it would be overtaken
      return before;
    });
    warm->confirm();
    change.wait();
  }
  EXPECT_EQ(kept(), "1 down, 2 down");
}

}  // namespace
}  // namespace holdfast::server
