#include "app/camera_fleet.h"

#include <gtest/gtest.h>

#include "app/data.h"
#include "io/loop_thread.h"
#include "support/temporary_folder.h"

namespace jalousie::app {

namespace {

class CameraFleetTest : public testing::Test {
 protected:
  CameraFleetTest() : loops_{&thread_.loop()} {
    EXPECT_TRUE(Data::make_folder(common_.data));
    data_ = Data::open(common_, metrics_).value();
    hub_ = std::make_unique<stream::Hub>(loops_, data_->clock(), stream::RingLimits{}, metrics_);
    admission_ = std::make_unique<ingest::Admission>(data_->clock(), ingest::Admission::Rate{});
    fleet_ = std::make_unique<CameraFleet>(
        CameraFleet::Parts{data_->store(), data_->keeper(), workers_, *hub_, data_->clock(), data_->random(),
                           metrics_, board_, *admission_, ingest::Reach::Network});
    const HomeId home = book().create_home("Home", "#3b82f6").value();
    camera_ = book().add_camera(keeper::kOperator, home, {"Door", "rtsp://127.0.0.1:1/", {}, {}}).value();
    refresh();
  }
  ~CameraFleetTest() override {
    admission_->close();
    fleet_->close();
    thread_.stop_and_join();
  }

  keeper::Household& book() { return data_->keeper().household(); }
  void refresh() { ASSERT_TRUE(io::run_and_wait(thread_.loop(), fleet_->refresh())); }
  void change(const keeper::CameraChange& change) {
    ASSERT_TRUE(book().change_camera(keeper::kOperator, camera_.id, change));
    refresh();
  }
  /// A picture as the camera's connection publishes it.
  void show() {
    auto sealer = data_->keeper().sealer(camera_.id, camera_.tenure, StreamId::Main).value();
    auto block =
        sealer.seal(seal::BlockKind::Video, seal::kFlagKeyFrame, data_->clock().utc(), as_bytes("picture"))
            .value();
    io::run_and_wait(thread_.loop(), publish(hub_->shard_of(camera_.id), std::move(block)));
  }
  std::size_t kept_bytes() { return io::run_and_wait(thread_.loop(), bytes_of(hub_->shard_of(camera_.id))); }

  registry::Camera camera_;

 private:
  // The test's fixture outlives both.
  static io::Task<> publish(stream::Shard& shard, seal::BlockPtr block) {
    shard.publish(std::move(block));
    co_return;
  }
  static io::Task<std::size_t> bytes_of(stream::Shard& shard) { co_return shard.size().bytes; }

  test::TemporaryFolder folder_;
  CommonOptions common_{.data = folder_.file("data"), .root_key = folder_.file("root.key")};
  Metrics metrics_;
  std::unique_ptr<Data> data_;
  io::LoopThread thread_;
  std::array<io::Loop*, 1> loops_;
  io::Workers workers_{1};
  CameraBoard board_;
  std::unique_ptr<stream::Hub> hub_;
  std::unique_ptr<ingest::Admission> admission_;
  std::unique_ptr<CameraFleet> fleet_;
};

}  // namespace

TEST_F(CameraFleetTest, ACameraThatIsFoundElsewhereForgetsWhatItShowed) {
  show();
  keeper::CameraChange name;
  name.name = "Gate";
  change(name);
  EXPECT_GT(kept_bytes(), 0U) << "a new name interrupts nobody";
  keeper::CameraChange url;
  url.url = "rtsp://127.0.0.1:2/";
  change(url);
  EXPECT_EQ(kept_bytes(), 0U);
}

TEST_F(CameraFleetTest, PrivacyForgetsWhatWasShown) {
  show();
  ASSERT_GT(kept_bytes(), 0U);
  keeper::CameraChange privacy;
  privacy.privacy = true;
  change(privacy);
  EXPECT_EQ(kept_bytes(), 0U);
}

}  // namespace jalousie::app
