// Ceph's S3 gateway with all it needs, in memory, in a folder of its own: a server that checks
// signatures, payload hashes and clocks, and knows conditional writes.
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, status } from './http.mjs';
import { run, start, tempFolder, until } from './run.mjs';
import { s3 } from './s3.mjs';

export const key = { id: 'EDGEPRESSKEY', secret: 'edgepress/secret+1' };

function settings(dir, { mon, osd, gateway }) {
	return `[global]
fsid = ${randomUUID()}
mon_host = [v2:127.0.0.1:${mon}]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_ipv6 = false
ms_bind_port_min = ${osd}
ms_bind_port_max = ${osd + 40}
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
auth_allow_insecure_global_id_reclaim = false
keyring = ${dir}/keyring
run_dir = ${dir}
admin_socket = ${dir}/$name.asok
pid_file = ${dir}/$name.pid
log_file = ${dir}/$name.log
log_to_stderr = false
mon_data = ${dir}/mon
osd_data = ${dir}/osd
osd_objectstore = memstore
memstore_device_bytes = 1073741824
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
mon_max_pg_per_osd = 1000
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
osd_memory_target = 939524096
[osd]
keyring = ${dir}/osd/keyring
[client.rgw]
keyring = ${dir}/keyring
rgw_data = ${dir}/rgw
rgw_frontends = beast endpoint=127.0.0.1:${gateway} tcp_nodelay=1
rgw_dns_name = localhost
rgw_thread_pool_size = 32
rgw_sts_key = abcdefghijklmnop
rgw_s3_auth_use_sts = true
`;
}

export class RadosGateway {
	static async start() {
		const g = new RadosGateway();
		g.dir = tempFolder();
		const ports = { mon: await freePort(), osd: await freePort() - 41, gateway: await freePort() };
		g.port = ports.gateway;
		g.url = `http://127.0.0.1:${g.port}`;
		g.programs = [];
		for (const name of ['mon', 'osd', 'rgw'])
			mkdirSync(join(g.dir, name));
		writeFileSync(join(g.dir, 'ceph.conf'), settings(g.dir, ports));
		await g.monitor(ports.mon);
		await g.disk();
		await g.gateway();
		g.env = { AWS_ACCESS_KEY_ID: key.id, AWS_SECRET_ACCESS_KEY: key.secret, AWS_EC2_METADATA_DISABLED: 'true' };
		return g;
	}

	async must(...argv) {
		const input = typeof argv.at(-1) === 'object' ? argv.pop().input : undefined;
		const result = await run(argv, { cwd: this.dir, input, env: this.own() });
		if (result.code !== 0)
			throw new Error(`${argv.join(' ')}: ${result.stderr}${result.stdout}`);
		return result.stdout;
	}

	own() {
		return { CEPH_CONF: join(this.dir, 'ceph.conf') };
	}

	daemon(...argv) {
		const program = start(argv, { cwd: this.dir, env: this.own() });
		this.programs.push(program);
		return program;
	}

	async monitor(port) {
		const fsid = (await this.must('ceph-conf', '--lookup', 'fsid')).trim();
		const keys = { 'mon.': { mon: 'allow *' }, 'client.admin': { mon: 'allow *', osd: 'allow *', mgr: 'allow *' },
			'client.rgw': { mon: 'allow rw', osd: 'allow rwx' } };
		for (const [name, caps] of Object.entries(keys))
			await this.must('ceph-authtool', ...(name === 'mon.' ? ['-C'] : []), 'keyring', '--gen-key', '-n', name,
				...Object.entries(caps).flatMap(([what, cap]) => ['--cap', what, cap]));
		await this.must('monmaptool', '--create', '--fsid', fsid, '--addv', 'a', `[v2:127.0.0.1:${port}]`, 'monmap');
		await this.must('ceph-mon', '--mkfs', '-i', 'a', '--monmap', 'monmap', '--keyring', 'keyring');
		this.daemon('ceph-mon', '-f', '-i', 'a');
	}

	async disk() {
		const uuid = randomUUID();
		const secret = (await this.must('ceph-authtool', '--gen-print-key')).trim();
		await this.must('ceph', '--connect-timeout', '20', 'osd', 'new', uuid, '-i', '-',
			{ input: JSON.stringify({ cephx_secret: secret }) });
		await this.must('ceph-authtool', '-C', 'osd/keyring', '-n', 'osd.0', '--add-key', secret);
		await this.must('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', uuid);
		this.daemon('ceph-osd', '-f', '-i', '0');
	}

	async gateway() {
		const gateway = this.daemon('radosgw', '-f', '-n', 'client.rgw');
		let ended = false;
		gateway.ended.finally(() => { ended = true; });
		await until('the S3 gateway', async () => {
			if (ended)
				throw new Error(`radosgw ended: ${gateway.text('stderr')}`);
			return await status(`${this.url}/`).catch(() => 0) === 200;
		}, 60000);
		await this.must('radosgw-admin', 'user', 'create', '--uid=edgepress', '--display-name=edgepress',
			`--access-key=${key.id}`, `--secret-key=${key.secret}`, '--caps=user-policy=*');
	}

	// A key of the gateway's own STS that works only with its session token.
	async session() {
		const ask = async (form) => {
			const answer = await s3(`${this.url}/`, key, { method: 'POST', body: new URLSearchParams(form).toString(),
				headers: { 'content-type': 'application/x-www-form-urlencoded' } });
			if (answer.status !== 200)
				throw new Error(`${form.Action}: ${answer.status} ${answer.text}`);
			return answer.text;
		};
		await ask({ Action: 'PutUserPolicy', UserName: 'edgepress', PolicyName: 'sts', PolicyDocument: JSON.stringify({
			Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:GetSessionToken', Resource: '*' }] }) });
		const text = await ask({ Action: 'GetSessionToken', DurationSeconds: '900', Version: '2011-06-15' });
		const field = (name) => new RegExp(`<${name}>(.*?)</${name}>`).exec(text)[1];
		return { id: field('AccessKeyId'), secret: field('SecretAccessKey'), token: field('SessionToken') };
	}

	async stop() {
		for (const program of this.programs.reverse()) {
			program.kill('SIGKILL'); // all of it is in memory and of no use to anybody
			await program.ended;
		}
	}
}
