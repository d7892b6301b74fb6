/* An RTSP server that is not ours: GStreamer's, with Digest sign-in, over TCP, UDP and HTTP, with TLS. For
 * tests.
 *
 *   gst_rtsp_server [--user NAME --password PASSWORD] [--tls PEM] /path 'launch line with pay0' [/path
 * 'launch line' ...]
 *
 * Takes a free port of 127.0.0.1, prints "port N", and serves until standard input ends. */
#include <gst/gst.h>
#include <gst/rtsp-server/rtsp-server.h>
#include <stdio.h>
#include <string.h>

static int encrypt(GstRTSPAuth* auth, const char* pem) {
  GError* error = NULL;
  GTlsCertificate* certificate = g_tls_certificate_new_from_file(pem, &error);
  if (certificate == NULL) {
    fprintf(stderr, "%s\n", error->message);
    return 0;
  }
  gst_rtsp_auth_set_tls_certificate(auth, certificate);
  g_object_unref(certificate);
  return 1;
}

static void require_digest(GstRTSPAuth* auth, const char* user, const char* password) {
  GstRTSPToken* token = gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, "viewer", NULL);
  gst_rtsp_auth_set_supported_methods(auth, GST_RTSP_AUTH_DIGEST);
  gst_rtsp_auth_add_digest(auth, user, password, token);
  gst_rtsp_token_unref(token);
}

static void serve(GstRTSPServer* server, const char* path, const char* launch, gboolean needs_role) {
  GstRTSPMountPoints* mounts = gst_rtsp_server_get_mount_points(server);
  GstRTSPMediaFactory* factory = gst_rtsp_media_factory_new();
  gst_rtsp_media_factory_set_launch(factory, launch);
  gst_rtsp_media_factory_set_shared(factory, FALSE);
  if (needs_role) {
    gst_rtsp_media_factory_add_role(factory, "viewer", GST_RTSP_PERM_MEDIA_FACTORY_ACCESS, G_TYPE_BOOLEAN,
                                    TRUE, GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, NULL);
  }
  gst_rtsp_mount_points_add_factory(mounts, path, factory);
  g_object_unref(mounts);
}

static gboolean on_input(GIOChannel* channel, GIOCondition condition, gpointer loop) {
  char byte;
  gsize count = 0;
  (void)condition;
  if (g_io_channel_read_chars(channel, &byte, 1, &count, NULL) == G_IO_STATUS_EOF) g_main_loop_quit(loop);
  return TRUE;
}

int main(int argc, char** argv) {
  const char* user = NULL;
  const char* password = NULL;
  const char* pem = NULL;
  int i = 1;
  gst_init(&argc, &argv);
  GMainLoop* loop = g_main_loop_new(NULL, FALSE);
  GstRTSPServer* server = gst_rtsp_server_new();
  gst_rtsp_server_set_address(server, "127.0.0.1");
  gst_rtsp_server_set_service(server, "0");
  for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
    if (strcmp(argv[i], "--user") == 0) user = argv[i + 1];
    if (strcmp(argv[i], "--password") == 0) password = argv[i + 1];
    if (strcmp(argv[i], "--tls") == 0) pem = argv[i + 1];
  }
  GstRTSPAuth* auth = gst_rtsp_auth_new();
  if (user != NULL && password != NULL) require_digest(auth, user, password);
  if (pem != NULL && !encrypt(auth, pem)) return 1;
  if (user != NULL || pem != NULL) gst_rtsp_server_set_auth(server, auth);
  g_object_unref(auth);
  for (; i + 1 < argc; i += 2) serve(server, argv[i], argv[i + 1], user != NULL);
  if (gst_rtsp_server_attach(server, NULL) == 0) return 1;
  printf("port %d\n", gst_rtsp_server_get_bound_port(server));
  fflush(stdout);
  GIOChannel* input = g_io_channel_unix_new(0);
  g_io_add_watch(input, G_IO_IN | G_IO_HUP, on_input, loop);
  g_main_loop_run(loop);
  return 0;
}
