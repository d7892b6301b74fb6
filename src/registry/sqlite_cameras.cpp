#include "registry/sqlite_facets.h"

namespace jalousie::registry {

namespace {

// The columns in the order that camera_in() reads. A macro because statements are literals.
#define JAL_CAMERA_COLUMNS                                                                                   \
  "SELECT id, home, number, name, url, sealed_credentials, transport, model, firmware, time_zone, privacy, " \
  "sealed_url, reach, sound, certificate, sub_url, sealed_sub_url FROM cameras "

std::int64_t number_of(Tenure tenure) { return static_cast<std::int64_t>(to_number(tenure)); }

Result<Camera> camera_in(const Query& query) {
  const auto transport = parse_transport(query.text(6));
  if (!transport) return fail(ErrorKind::DataLoss, "a camera has an unknown transport");
  const auto reach = parse_reach(query.text(12));
  if (!reach) return fail(ErrorKind::DataLoss, "a camera has an unknown reach");
  return Camera{.id = query.id<CameraId>(0),
                .home = query.id<HomeId>(1),
                .tenure = static_cast<Tenure>(query.integer(2)),
                .name = query.text(3),
                .url = query.text(4),
                .sealed_url = query.blob(11),
                .sealed_credentials = query.blob(5),
                .sub_url = query.text(15),
                .sealed_sub_url = query.blob(16),
                .transport = *transport,
                .reach = *reach,
                .certificate = query.text(14),
                .model = query.text(7),
                .firmware = query.text(8),
                .time_zone = query.text(9),
                .privacy = query.integer(10) != 0,
                .sound = query.integer(13) != 0};
}

Result<std::vector<Camera>> cameras_in(Query query) {
  std::vector<Camera> cameras;
  while (true) {
    TRY(const bool row, query.step());
    if (!row) return cameras;
    TRY(Camera camera, camera_in(query));
    cameras.push_back(std::move(camera));
  }
}

Result<> change_access(Camera& camera, const AccessChange& change) {
  if (access_of(camera) != change.from) {
    return fail(ErrorKind::FailedPrecondition,
                "The camera's address or password was changed at the same time: look at it again.");
  }
  set_access(camera, change.to);
  return {};
}

}  // namespace

Result<std::optional<Camera>> find_camera(Database& database, CameraId id) {
  TRY(auto found, cameras_in(database.query(JAL_CAMERA_COLUMNS "WHERE id = ?", id)));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

Result<> SqliteCameras::open_tenure(const Camera& camera, ByteView wrapped_tenure_key, UtcTime began) {
  Database& database = context_.database;
  Query latest = database.query("SELECT coalesce(max(number), 0) FROM tenures WHERE camera = ?", camera.id);
  TRY(const bool row, latest.step());
  if (!row || latest.integer(0) + 1 != number_of(camera.tenure)) {
    return fail(ErrorKind::FailedPrecondition, "the camera's tenure is not the next one");
  }
  TRY_VOID(database.run("INSERT INTO tenures (camera, number, home, began) VALUES (?, ?, ?, ?)", camera.id,
                        number_of(camera.tenure), camera.home, began));
  return database.run("INSERT INTO tenure_keys (camera, number, wrapped) VALUES (?, ?, ?)", camera.id,
                      number_of(camera.tenure), wrapped_tenure_key);
}

// Deleting the tenure's key deletes its day keys too: what they sealed can never be opened again, wherever it
// is.
Result<> SqliteCameras::close_tenure(CameraId id, UtcTime ended) {
  Database& database = context_.database;
  TRY_VOID(database.run("UPDATE tenures SET ended = ? WHERE camera = ? AND ended IS NULL", ended, id));
  if (database.changed() == 0) return fail(ErrorKind::NotFound, "there is no such camera");
  return database.run("DELETE FROM tenure_keys WHERE camera = ?", id);
}

Result<> SqliteCameras::add_camera(const Camera& camera, ByteView wrapped_tenure_key, UtcTime began) {
  Database& database = context_.database;
  const auto lock = database.lock();
  TRY(Transaction transaction, Transaction::begin(database, Transaction::Mode::Write));
  TRY_VOID(open_tenure(camera, wrapped_tenure_key, began));
  TRY_VOID(database.run(
      "INSERT INTO cameras (id, number, home, name, url, sealed_url, sealed_credentials, transport, reach, "
      "model, firmware, time_zone, privacy, sound, certificate, sub_url, sealed_sub_url) VALUES (?, ?, ?, ?, "
      "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      camera.id, number_of(camera.tenure), camera.home, camera.name, camera.url, camera.sealed_url,
      camera.sealed_credentials, to_string(camera.transport), to_string(camera.reach), camera.model,
      camera.firmware, camera.time_zone, camera.privacy, camera.sound, camera.certificate, camera.sub_url,
      camera.sealed_sub_url));
  TRY_VOID(transaction.commit());
  ++context_.changes;
  return {};
}

// Inside a transaction that writes.
Result<Camera> SqliteCameras::present(CameraId id) {
  TRY(auto found, find_camera(context_.database, id));
  if (!found) return fail(ErrorKind::NotFound, "there is no such camera");
  return *std::move(found);
}

// Inside the transaction that read it.
Result<> SqliteCameras::write(const Camera& camera) {
  return context_.database.run(
      "UPDATE cameras SET number = ?, home = ?, name = ?, url = ?, sealed_url = ?, sealed_credentials = ?, "
      "transport = ?, reach = ?, model = ?, firmware = ?, time_zone = ?, privacy = ?, sound = ?, certificate "
      "= ?, sub_url = ?, sealed_sub_url = ? WHERE id = ?",
      number_of(camera.tenure), camera.home, camera.name, camera.url, camera.sealed_url,
      camera.sealed_credentials, to_string(camera.transport), to_string(camera.reach), camera.model,
      camera.firmware, camera.time_zone, camera.privacy, camera.sound, camera.certificate, camera.sub_url,
      camera.sealed_sub_url, camera.id);
}

Result<> SqliteCameras::begin_tenure(const NextTenure& next, ByteView wrapped_tenure_key, UtcTime began) {
  Database& database = context_.database;
  const auto lock = database.lock();
  TRY(Transaction transaction, Transaction::begin(database, Transaction::Mode::Write));
  TRY(Camera camera, present(next.camera));
  TRY_VOID(change_access(camera, next.access));
  if (camera.home != next.home) {
    const Camera fresh;
    camera.name = next.name_elsewhere;
    camera.model = fresh.model;
    camera.firmware = fresh.firmware;
    camera.time_zone = fresh.time_zone;
    camera.sound = fresh.sound;
  }
  camera.home = next.home;
  camera.tenure = next.number;
  TRY_VOID(close_tenure(camera.id, began));
  TRY_VOID(open_tenure(camera, wrapped_tenure_key, began));
  TRY_VOID(write(camera));
  TRY_VOID(database.run("DELETE FROM guest_cameras WHERE camera = ?", camera.id));
  TRY_VOID(transaction.commit());
  ++context_.changes;
  database.checkpoint();
  return {};
}

Result<> SqliteCameras::remove_camera(CameraId id, Tenure tenure, UtcTime ended) {
  Database& database = context_.database;
  const auto lock = database.lock();
  TRY(Transaction transaction, Transaction::begin(database, Transaction::Mode::Write));
  TRY(const Camera camera, present(id));
  if (camera.tenure != tenure) return fail(ErrorKind::NotFound, "the camera's tenure has ended");
  TRY_VOID(close_tenure(id, ended));
  TRY_VOID(database.run("DELETE FROM cameras WHERE id = ?", id));
  TRY_VOID(database.run("DELETE FROM guest_cameras WHERE camera = ?", id));
  TRY_VOID(transaction.commit());
  ++context_.changes;
  database.checkpoint();
  return {};
}

Result<Camera> SqliteCameras::update_camera(CameraId id, Tenure tenure, const CameraUpdate& update) {
  Database& database = context_.database;
  const auto lock = database.lock();
  TRY(Transaction transaction, Transaction::begin(database, Transaction::Mode::Write));
  TRY(Camera camera, present(id));
  if (camera.tenure != tenure) return fail(ErrorKind::NotFound, "the camera's tenure has ended");
  const std::string url_before = camera.url;
  if (update.access) TRY_VOID(change_access(camera, *update.access));
  camera.name = update.name.value_or(camera.name);
  camera.transport = update.transport.value_or(camera.transport);
  camera.model = update.model.value_or(camera.model);
  camera.firmware = update.firmware.value_or(camera.firmware);
  camera.time_zone = update.time_zone.value_or(camera.time_zone);
  camera.privacy = update.privacy.value_or(camera.privacy);
  camera.sound = update.sound.value_or(camera.sound);
  TRY_VOID(write(camera));
  TRY_VOID(transaction.commit());
  ++context_.changes;
  if (camera.url != url_before) database.checkpoint();
  return camera;
}

Result<> SqliteCameras::set_certificate(CameraId id, Tenure tenure, std::string_view url,
                                        std::string_view certificate) {
  Database& database = context_.database;
  const auto lock = database.lock();
  TRY_VOID(database.run("UPDATE cameras SET certificate = ? WHERE id = ? AND number = ? AND url = ?",
                        certificate, id, number_of(tenure), url));
  if (database.changed() == 0) return fail(ErrorKind::NotFound, "there is no such camera at that address");
  ++context_.changes;
  return {};
}

Result<Camera> SqliteCameras::camera(CameraId id) {
  const auto lock = context_.database.lock();
  TRY(auto found, find_camera(context_.database, id));
  if (!found) return fail(ErrorKind::NotFound, "there is no such camera");
  return *std::move(found);
}

Result<std::vector<Camera>> SqliteCameras::cameras_of(HomeId home) {
  const auto lock = context_.database.lock();
  return cameras_in(context_.database.query(JAL_CAMERA_COLUMNS "WHERE home = ? ORDER BY made", home));
}

Result<std::vector<Camera>> SqliteCameras::cameras() {
  const auto lock = context_.database.lock();
  return cameras_in(context_.database.query(JAL_CAMERA_COLUMNS "ORDER BY made"));
}

Result<std::vector<TenureRecord>> SqliteCameras::tenures_of(CameraId id) {
  const auto lock = context_.database.lock();
  std::vector<TenureRecord> tenures;
  Query query = context_.database.query(
      "SELECT camera, number, home, began, ended FROM tenures WHERE camera = ? ORDER BY number", id);
  while (true) {
    TRY(const bool row, query.step());
    if (!row) return tenures;
    tenures.push_back({query.id<CameraId>(0), static_cast<Tenure>(query.integer(1)), query.id<HomeId>(2),
                       query.time(3), query.optional_time(4)});
  }
}

}  // namespace jalousie::registry
