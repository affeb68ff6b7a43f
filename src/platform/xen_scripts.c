/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Short hotplug scripts for libxl.  Xen's own start some forty programs for each disk,
 * to tell whether somebody else uses it, and libxl kills a script after 40 s, which on
 * an emulated machine is not enough.  Our volumes are used by nobody else, so these do
 * what is left: tell the back end its device, and plug a guest's interface in.
 */
#include "xen_priv.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

/* docs/misc/xenstore-paths of Xen: "physical-device" is MAJOR:MINOR in hexadecimal. */
static const char block[] =
	"#!/bin/sh\n"
	"PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"
	"test \"$1\" = add || exit 0\n"
	"device=$(xenstore-read \"$XENBUS_PATH/params\") || exit 1\n"
	"number=$(stat -L -c %t:%T \"$device\") || exit 1\n"
	"exec xenstore-write \"$XENBUS_PATH/physical-device\" \"$number\" \\\n"
	"\t\"$XENBUS_PATH/physical-device-path\" \"$device\" \\\n"
	"\t\"$XENBUS_PATH/hotplug-status\" connected\n";

static const char vif_bridge[] =
	"#!/bin/sh\n"
	"PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"
	"test \"$1\" = online || exit 0\n"
	"bridge=$(xenstore-read \"$XENBUS_PATH/bridge\") || exit 1\n"
	"ip link set dev \"$vif\" address fe:ff:ff:ff:ff:ff || exit 1\n"
	"ip link set dev \"$vif\" master \"$bridge\" up || exit 1\n"
	"exec xenstore-write \"$XENBUS_PATH/hotplug-status\" connected\n";

static const struct {
	const char *name, *text;
} scripts[] = { { "block", block }, { "vif-bridge", vif_bridge } };

int rs_xen_scripts(const char *folder, struct rs_mounts *ms, struct rs_err *err)
{
	for (size_t i = 0; i < RS_COUNT(scripts); i++) {
		RS_AUTO_STR *ours = rs_path_join(folder, scripts[i].name, err);
		RS_AUTO_STR *theirs = rs_asprintf(err, "/etc/xen/scripts/%s", scripts[i].name);

		if (ours == NULL || theirs == NULL ||
		    rs_path_write(ours, scripts[i].text, strlen(scripts[i].text), err) < 0)
			return -1;
		if (chmod(ours, 0755) < 0)
			return rs_err_sys(err, RS_ERR_FAILED, errno, "cannot set the mode of \"%s\"", ours);
		if (rs_mounts_add(ms, ours, theirs, NULL, NULL, err) < 0)
			return -1;
	}
	return 0;
}
