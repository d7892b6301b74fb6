// The event stream: what a page is told, when, and how often.
#include <condition_variable>
#include <list>
#include <thread>

#include "api/fixture.h"
#include "api/impl.h"
#include "io/task_group.h"

namespace jalousie::api {

namespace {

// What an event stream was sent; a test waits for what it expects.
class Page final : public http::EventStream {
 public:
  io::Task<Result<>> send(std::string_view event, std::string_view data) override {
    const std::lock_guard lock(mutex_);
    events_.emplace_back(event, data);
    changed_.notify_all();
    co_return Result<>();
  }
  io::Task<Result<>> comment(std::string_view) override {
    const std::lock_guard lock(mutex_);
    ++comments_;
    changed_.notify_all();
    co_return Result<>();
  }
  /// The data of the next event of this name that was not asked for before; empty after 10 s.
  json::object next(std::string_view name) {
    std::unique_lock lock(mutex_);
    std::size_t found = 0;
    const bool came = changed_.wait_for(lock, Seconds(10), [&] {
      for (found = read_; found < events_.size(); ++found) {
        if (events_[found].first == name) return true;
      }
      return false;
    });
    if (!came) return {};
    read_ = found + 1;
    return json::parse(events_[found].second).as_object();
  }
  bool wait_for_comments(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, Seconds(10), [&] { return comments_ >= count; });
  }
  std::size_t count(std::string_view name) {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::ranges::count_if(events_, [&](const auto& event) { return event.first == name; }));
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<std::string, std::string>> events_;
  std::size_t read_ = 0;
  int comments_ = 0;
};

}  // namespace

class EventsTest : public ApiTest {
 protected:
  EventsTest() { io::run_and_wait(thread_.loop(), make_group(*this)); }
  ~EventsTest() override { io::run_and_wait(thread_.loop(), end_group(*this)); }

  static io::Task<> make_group(EventsTest& test) {
    test.tasks_ = std::make_unique<io::TaskGroup>(test.thread_.loop());
    co_return;
  }
  static io::Task<> end_group(EventsTest& test) {
    co_await test.tasks_->close();
    test.tasks_.reset();
  }
  /// A page of its own for each; it outlives the stream, which the fixture ends.
  Page& open(const Person& who) {
    Page& page = pages_.emplace_back();
    auto response = std::make_shared<http::Response>(raw(request("GET", "/events", &who)));
    EXPECT_EQ(response->status, 200);
    if (!response->events) return page;
    thread_.loop().post([this, response, &page] { tasks_->spawn(run(response, page, ended_)); });
    EXPECT_TRUE(page.wait_for_comments(1));
    return page;
  }
  static io::Task<> run(std::shared_ptr<http::Response> response, Page& page, std::atomic<int>& ended) {
    co_await response->events(page);
    ++ended;
  }

  std::list<Page> pages_;
  std::unique_ptr<io::TaskGroup> tasks_;
  std::atomic<int> ended_{0};
};

TEST_F(EventsTest, TellsOfCamerasAtOnceAndWhenTheyChange) {
  const auto of = camera(home_);
  camera(other_home_);
  Page& page = open(owner_);
  EXPECT_EQ(page.next("camera").at("id").as_string(), of.id.to_string());
  clock_.advance(kTellEvery);
  states_.set(of.id, {.state = "wrong_password",
                      .reason = "It refused.",
                      .advice = {},
                      .since = {},
                      .video = {},
                      .newest_capture = {}});
  EXPECT_EQ(page.next("camera").at("state").as_string(), "wrong_password");
  clock_.advance(kLookEvery);
  ASSERT_TRUE(book_->remove_camera(keeper::kOperator, of.id));
  clock_.advance(kLookEvery);
  EXPECT_EQ(page.next("camera_gone").at("id").as_string(), of.id.to_string());
  EXPECT_EQ(page.count("camera"), 2U) << "the other home's camera is never told of";
}

TEST_F(EventsTest, BeginsWithTheRunOfTheServer) {
  const json::object is = open(owner_).next("server");
  EXPECT_EQ(is.at("run").as_string(), "run one");
  EXPECT_EQ(is.at("version").as_string(), "1.2.3");
}

TEST_F(EventsTest, TellsOfManyChangesOnceAndOfTheLastState) {
  const auto of = camera(home_);
  Page& page = open(owner_);
  ASSERT_EQ(page.next("camera").at("id").as_string(), of.id.to_string());
  const auto say = [&](std::string reason) {
    states_.set(of.id, {.state = "refused",
                        .reason = std::move(reason),
                        .advice = {},
                        .since = {},
                        .video = {},
                        .newest_capture = {}});
  };
  // Time stands still: none of these may be told yet, however long the page is awake.
  for (int change = 0; change < 1000; ++change) say(std::to_string(change));
  viewings_.ended(owner_.principal.session, {ViewingId::random(random_), keeper::EndReason::PrivacyOn});
  ASSERT_FALSE(page.next("viewing_ended").empty()) << "what is urgent does not wait for cameras";
  EXPECT_EQ(page.count("camera"), 1U);
  clock_.advance(kTellEvery);
  EXPECT_EQ(page.next("camera").at("reason").as_string(), "999");
  say("last");
  clock_.advance(kTellEvery);
  EXPECT_EQ(page.next("camera").at("reason").as_string(), "last");
  EXPECT_EQ(page.count("camera"), 3U);
}

TEST_F(EventsTest, WakesOnlyPagesOfPeopleWhoMaySeeTheCamera) {
  const auto of = camera(home_);
  const auto others = camera(other_home_);
  Page& page = open(owner_);
  Page& other = open(stranger_);
  ASSERT_EQ(page.next("camera").at("id").as_string(), of.id.to_string());
  ASSERT_EQ(other.next("camera").at("id").as_string(), others.id.to_string());
  clock_.advance(kTellEvery);
  states_.set(of.id,
              {.state = "live", .reason = {}, .advice = {}, .since = {}, .video = {}, .newest_capture = {}});
  EXPECT_EQ(page.next("camera").at("state").as_string(), "live");
  EXPECT_EQ(states_.told(), 1U);
  EXPECT_EQ(other.count("camera"), 1U);
}

TEST_F(EventsTest, FollowsRightsWhileItIsOpen) {
  Page& page = open(owner_);
  const auto later = camera(home_);
  clock_.advance(kLookEvery);
  ASSERT_EQ(page.next("camera").at("id").as_string(), later.id.to_string());
  clock_.advance(kTellEvery);
  states_.set(later.id,
              {.state = "live", .reason = {}, .advice = {}, .since = {}, .video = {}, .newest_capture = {}});
  EXPECT_EQ(page.next("camera").at("state").as_string(), "live") << "one that was added is watched too";
  const auto others = camera(other_home_);
  const Membership shared{
      other_home_, owner_.principal.account, Role::Guest, {others.id}, clock_.utc() + Seconds(60)};
  ASSERT_TRUE(book_->set_member(keeper::kOperator, shared));
  clock_.advance(kLookEvery);
  EXPECT_EQ(page.next("camera").at("id").as_string(), others.id.to_string());
  // The guest's time runs out, which changes nothing in the registry.
  clock_.advance(Seconds(60));
  EXPECT_EQ(page.next("camera_gone").at("id").as_string(), others.id.to_string());
  const std::size_t told = states_.told();
  states_.set(others.id,
              {.state = "live", .reason = {}, .advice = {}, .since = {}, .video = {}, .newest_capture = {}});
  EXPECT_EQ(states_.told(), told);
}

TEST_F(EventsTest, TellsOfThisSessionsViewingsOnly) {
  Page& page = open(owner_);
  const ViewingId viewing = ViewingId::random(random_);
  viewings_.picture(stranger_.principal.session, {viewing, 1, clock_.utc()});
  viewings_.picture(owner_.principal.session, {viewing, 90'000, clock_.utc() - Milliseconds(40)});
  const json::object told = page.next("viewing");
  EXPECT_EQ(told.at("id").as_string(), viewing.to_string());
  EXPECT_EQ(told.at("rtp_timestamp").to_number<std::uint32_t>(), 90'000U);
  EXPECT_EQ(told.at("now_us").as_int64() - told.at("capture_us").as_int64(), 40'000);
  viewings_.ended(owner_.principal.session, {viewing, keeper::EndReason::PrivacyOn});
  EXPECT_EQ(page.next("viewing_ended").at("reason").as_string(), "privacy_on");
}

TEST_F(EventsTest, SaysSignedOutAndEnds) {
  Page& page = open(owner_);
  ASSERT_TRUE(keeper_->sign_in().sign_out(owner_.principal));
  clock_.advance(kLookEvery);
  EXPECT_TRUE(page.next("signed_out").empty());
  for (int turn = 0; turn < 1000 && ended_ == 0; ++turn) std::this_thread::sleep_for(Milliseconds(10));
  EXPECT_EQ(ended_, 1);
  EXPECT_EQ(page.count("signed_out"), 1U);
  EXPECT_EQ(states_.listeners(), 0U);
}

TEST_F(EventsTest, CommentsEveryFifteenSeconds) {
  Page& page = open(owner_);
  clock_.advance(Seconds(15));
  EXPECT_TRUE(page.wait_for_comments(2));
}

TEST_F(EventsTest, ASessionHasABoundedNumberOfStreams) {
  std::vector<http::Response> held;
  for (int count = 0; count < 16; ++count) {
    held.push_back(raw(request("GET", "/events", &owner_)));
    ASSERT_EQ(held.back().status, 200);
  }
  EXPECT_EQ(ask("GET", "/events", &owner_).status, 429);
  EXPECT_EQ(raw(request("GET", "/events", &stranger_)).status, 200);
  held.pop_back();
  EXPECT_EQ(raw(request("GET", "/events", &owner_)).status, 200);
}

}  // namespace jalousie::api
