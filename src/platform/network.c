/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Addresses and the bridge of guests.  Addresses are static and counted up
 * from the plan's first; nothing here needs a DHCP or name server.
 */
#include "platform_priv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/path.h"

/* RFC 2544, section C.2.2: addresses for tests of network devices. */
static const char DEFAULT_ADDRESS[] = "198.18.7.2", DEFAULT_NETMASK[] = "255.255.255.0";
static const char DEFAULT_BRIDGE[] = "rsbr0";
static const char DEFAULT_MAC[] = "02:52:53:00:00:01";	/* locally administered */

static const double COMMAND_S = 60;

static int parse_ip(const char *what, const char *text, uint32_t *ret, struct rs_err *err)
{
	struct in_addr a;

	if (inet_pton(AF_INET, text, &a) != 1)
		return rs_err_set(err, RS_ERR_PLAN, "%s \"%s\" is not an IPv4 address", what, text);
	*ret = ntohl(a.s_addr);
	return 0;
}

static void format_ip(char buf[16], uint32_t ip)
{
	(void)snprintf(buf, 16, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
}

static int parse_netmask(const char *text, int *ret_prefix, struct rs_err *err)
{
	uint32_t mask = 0, rest;

	if (parse_ip("netmask", text, &mask, err) < 0)
		return -1;
	rest = ~mask;
	if ((rest & (rest + 1)) != 0)
		return rs_err_set(err, RS_ERR_PLAN, "netmask \"%s\" has holes", text);
	*ret_prefix = 32 - __builtin_popcount(rest);
	return 0;
}

static int same_net(uint32_t a, uint32_t b, int prefix)
{
	return prefix == 0 || (a ^ b) >> (32 - prefix) == 0;
}

int rs_net_of(const struct rs_guests *g, struct rs_net *ret, struct rs_err *err)
{
	const char *bridge = g->bridge != NULL ? g->bridge : DEFAULT_BRIDGE;
	const char *mask = g->netmask != NULL ? g->netmask : DEFAULT_NETMASK;
	uint32_t first = 0, gateway = 0;

	memset(ret, 0, sizeof(*ret));
	if (strlen(bridge) >= sizeof(ret->bridge) || !rs_path_is_plain_name(bridge))
		return rs_err_set(err, RS_ERR_PLAN,
				  "bridge \"%s\" is not an interface name of at most 15 letters", bridge);
	if (parse_netmask(mask, &ret->prefix, err) < 0 ||
	    parse_ip("address", g->address != NULL ? g->address : DEFAULT_ADDRESS, &first, err) < 0)
		return -1;
	gateway = ret->prefix == 0 ? 1 : (first & ~0U << (32 - ret->prefix)) | 1;
	if (g->gateway != NULL && parse_ip("gateway", g->gateway, &gateway, err) < 0)
		return -1;
	if (!same_net(first, gateway, ret->prefix))
		return rs_err_set(err, RS_ERR_PLAN, "gateway \"%s\" is not in the network of \"%s\"",
				  g->gateway, g->address != NULL ? g->address : DEFAULT_ADDRESS);
	(void)snprintf(ret->bridge, sizeof(ret->bridge), "%s", bridge);
	(void)snprintf(ret->netmask, sizeof(ret->netmask), "%s", mask);
	format_ip(ret->gateway, gateway);
	return 0;
}

/* Six bytes of "02:52:53:00:00:01", the last three counted up by i. */
static int count_mac(const char *first, int i, char ret[18], struct rs_err *err)
{
	unsigned b[6], low;
	char rest;

	if (sscanf(first, "%2x:%2x:%2x:%2x:%2x:%2x%c", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5],
		   &rest) != 6)
		return rs_err_set(err, RS_ERR_PLAN, "\"%s\" is not a hardware address", first);
	if ((b[0] & 1) != 0)
		return rs_err_set(err, RS_ERR_PLAN, "hardware address \"%s\" is a multicast one", first);
	low = (b[3] << 16 | b[4] << 8 | b[5]) + (unsigned)i;
	(void)snprintf(ret, 18, "%02x:%02x:%02x:%02x:%02x:%02x", b[0] & 255, b[1] & 255, b[2] & 255,
		       low >> 16 & 255, low >> 8 & 255, low & 255);
	return 0;
}

int rs_net_guest(const struct rs_guests *g, const struct rs_net *net, int i,
		 struct rs_net_guest *ret, struct rs_err *err)
{
	uint32_t first = 0, ip, gateway = 0;

	if (parse_ip("address", g->address != NULL ? g->address : DEFAULT_ADDRESS, &first, err) < 0 ||
	    parse_ip("gateway", net->gateway, &gateway, err) < 0)
		return -1;
	ip = first + (uint32_t)i;
	if (!same_net(first, ip, net->prefix) || (net->prefix > 0 && net->prefix < 31 && ~(ip | ~0U << (32 - net->prefix)) == 0))
		return rs_err_set(err, RS_ERR_PLAN, "guest %d has no address left in the network of \"%s\"",
				  i + 1, g->address != NULL ? g->address : DEFAULT_ADDRESS);
	if (ip == gateway)
		return rs_err_set(err, RS_ERR_PLAN, "guest %d would have the gateway's address \"%s\"",
				  i + 1, net->gateway);
	format_ip(ret->address, ip);
	return count_mac(g->mac != NULL ? g->mac : DEFAULT_MAC, i, ret->mac, err);
}

static int read_alias(const char *name, struct rs_buf *out)
{
	RS_AUTO_STR *path = rs_asprintf(NULL, "/sys/class/net/%s/ifalias", name);

	if (path == NULL || rs_path_read(path, 512, out, NULL) < 0)
		return -1;
	while (out->len > 0 && out->data[out->len - 1] == '\n')
		out->data[--out->len] = '\0';
	return 0;
}

int rs_bridge_is_marked(const char *name, const char *mark)
{
	RS_AUTO_BUF alias = RS_BUF_INIT;

	return read_alias(name, &alias) == 0 && strcmp(rs_buf_str(&alias), mark) == 0;
}

enum bridge_state { BRIDGE_NONE, BRIDGE_DEAD, BRIDGE_LIVE, BRIDGE_FOREIGN };

/* What there is under a bridge's name; *ret_o: whose, when it is ours. */
static enum bridge_state bridge_state(const char *name, struct rs_owner *ret_o)
{
	RS_AUTO_BUF alias = RS_BUF_INIT;
	long pid = 0;

	if (read_alias(name, &alias) < 0)
		return BRIDGE_NONE;
	if (sscanf(rs_buf_str(&alias), "restudy %127s %ld %llu", ret_o->run, &pid, &ret_o->start) != 3)
		return BRIDGE_FOREIGN;
	ret_o->pid = (pid_t)pid;
	return rs_owner_alive(ret_o) ? BRIDGE_LIVE : BRIDGE_DEAD;
}

/* The argument vectors that make a bridge; mark may be NULL (for steps). */
static int each_bridge_command(const struct rs_net *net, const char *mark,
			       int (*each)(const char *const *argv, void *user, struct rs_err *err),
			       void *user, struct rs_err *err)
{
	char cidr[24];
	const char *const add[] = { "ip", "link", "add", "name", net->bridge, "type", "bridge", NULL };
	const char *const alias[] = { "ip", "link", "set", "dev", net->bridge, "alias", mark, NULL };
	const char *const addr[] = { "ip", "address", "replace", cidr, "dev", net->bridge, NULL };
	const char *const up[] = { "ip", "link", "set", "dev", net->bridge, "up", NULL };

	(void)snprintf(cidr, sizeof(cidr), "%s/%d", net->gateway, net->prefix);
	if (each(add, user, err) < 0 || (mark != NULL && each(alias, user, err) < 0) ||
	    each(addr, user, err) < 0)
		return -1;
	return each(up, user, err);
}

static int run_command(const char *const *argv, void *user, struct rs_err *err)
{
	(void)user;
	return rs_step_run(argv, COMMAND_S, err);
}

static int print_command(const char *const *argv, void *user, struct rs_err *err)
{
	(void)err;
	rs_step_line(user, argv);
	return 0;
}

/* Gives a bridge this process made for another system this network's address as well. */
static int bridge_share(const struct rs_net *net, struct rs_ledger *ledger, struct rs_err *err)
{
	char cidr[24];

	(void)snprintf(cidr, sizeof(cidr), "%s/%d", net->gateway, net->prefix);
	if (rs_ledger_add(ledger, RS_TRACE_BRIDGE, net->bridge, err) < 0)
		return -1;
	return rs_step_run((const char *const[]){ "ip", "address", "replace", cidr, "dev", net->bridge, NULL },
			   COMMAND_S, err);
}

/*
 * Whether another interface already leads into the network: then its machines, or the
 * user's own connection, would be cut off.  /proc/net/route: addresses as the bytes lie
 * in memory, in hexadecimal.
 */
static int check_network_is_free(const struct rs_net *net, struct rs_err *err)
{
	RS_AUTO_BUF routes = RS_BUF_INIT;
	uint32_t ours = 0;

	if (parse_ip("gateway", net->gateway, &ours, err) < 0 ||
	    rs_path_read("/proc/net/route", 1 << 20, &routes, err) < 0)
		return -1;
	for (const char *p = rs_buf_str(&routes), *nl; (nl = strchr(p, '\n')) != NULL; p = nl + 1) {
		char name[32];
		unsigned to = 0, mask = 0;
		int shorter;

		if (sscanf(p, "%31s %x %*s %*s %*s %*s %*s %x", name, &to, &mask) != 3 || mask == 0)
			continue;
		shorter = __builtin_popcount(mask) < net->prefix ? __builtin_popcount(mask) : net->prefix;
		if (strcmp(name, net->bridge) != 0 && same_net(ntohl(to), ours, shorter))
			return rs_err_set(err, RS_ERR_MACHINE, "the guests' network %s/%d is in use on \"%s\": "
					  "give the plan's <network> other addresses", net->gateway,
					  net->prefix, name);
	}
	return 0;
}

int rs_bridge_make(const struct rs_net *net, struct rs_ledger *ledger, int *ret_foreign,
		   struct rs_err *err)
{
	struct rs_owner there = { .pid = 0 };
	char mark[192];

	*ret_foreign = 0;
	switch (bridge_state(net->bridge, &there)) {
	case BRIDGE_FOREIGN:
		*ret_foreign = 1;
		return 0;
	case BRIDGE_LIVE:
		if (there.pid == rs_ledger_owner(ledger)->pid)
			return bridge_share(net, ledger, err);	/* another system of this run */
		return rs_err_set(err, RS_ERR_FAILED,
				  "bridge \"%s\" is in use by run \"%s\" (process %ld): wait for its end",
				  net->bridge, there.run, (long)there.pid);
	case BRIDGE_DEAD:
		if (rs_undo_of[RS_TRACE_BRIDGE](&there, net->bridge, err) < 0)
			return -1;
		break;
	case BRIDGE_NONE:
		break;
	}
	if (check_network_is_free(net, err) < 0 ||
	    rs_ledger_add(ledger, RS_TRACE_BRIDGE, net->bridge, err) < 0)
		return -1;
	return each_bridge_command(net, rs_owner_mark(mark, sizeof(mark), rs_ledger_owner(ledger)),
				   run_command, NULL, err);
}

void rs_bridge_steps(const struct rs_net *net, struct rs_buf *out)
{
	(void)each_bridge_command(net, NULL, print_command, out, NULL);
}
