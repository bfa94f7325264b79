BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('002');
CREATE TABLE assignment (
	id INTEGER NOT NULL, 
	public_id VARCHAR(32) NOT NULL, 
	rater_id INTEGER NOT NULL, 
	image_id INTEGER NOT NULL, 
	kind INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	state INTEGER NOT NULL, 
	given_ms BIGINT NOT NULL, 
	expires_ms BIGINT NOT NULL, 
	vote_id INTEGER, 
	PRIMARY KEY (id), 
	UNIQUE (public_id), 
	FOREIGN KEY(rater_id) REFERENCES rater (id), 
	FOREIGN KEY(image_id) REFERENCES image (id)
);
INSERT INTO "assignment" VALUES(1,'_sfTOI4yt_ib',1,3,0,1,1,1795479072560,1795480872560,2);
INSERT INTO "assignment" VALUES(2,'b75rtiDFnj6U',1,1,0,2,0,1795479072560,1795480872560,NULL);
INSERT INTO "assignment" VALUES(3,'9tt7bqA24wKG',1,4,0,3,2,1795479072560,1795480872560,NULL);
INSERT INTO "assignment" VALUES(4,'kWuLjsbTToZc',2,2,0,1,1,1795479072591,1795480872591,3);
INSERT INTO "assignment" VALUES(5,'SsxncgaozhiT',2,3,0,2,0,1795479072591,1795480872591,NULL);
INSERT INTO "assignment" VALUES(6,'YlQ4mwj-_Tjy',2,1,0,3,0,1795479072591,1795480872591,NULL);
CREATE TABLE consent (
	id INTEGER NOT NULL, 
	rater_id INTEGER NOT NULL, 
	version TEXT NOT NULL, 
	at_ms BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(rater_id) REFERENCES rater (id)
);
CREATE TABLE image (
	id INTEGER NOT NULL, 
	public_id VARCHAR(32) NOT NULL, 
	path TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	block INTEGER NOT NULL, 
	role INTEGER NOT NULL, 
	gold_answers TEXT, 
	votes INTEGER NOT NULL, 
	load INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (public_id), 
	UNIQUE (path)
);
INSERT INTO "image" VALUES(1,'RSGxO-bxgRbC','0.jpg',2,0,0,NULL,0,2);
INSERT INTO "image" VALUES(2,'Z7DP_sxnj96T','1.jpg',0,0,0,NULL,1,1);
INSERT INTO "image" VALUES(3,'OeoHtQ_HHzUm','2.jpg',1,0,0,NULL,1,2);
INSERT INTO "image" VALUES(4,'kKff_VAM2qKc','3.jpg',3,0,2,NULL,0,0);
CREATE TABLE rater (
	id INTEGER NOT NULL, 
	public_id VARCHAR(16) NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	name TEXT, 
	created_ms BIGINT NOT NULL, 
	expires_ms BIGINT, 
	revoked_ms BIGINT, 
	demo BOOLEAN NOT NULL, 
	consent_version TEXT, 
	given INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (public_id), 
	UNIQUE (token_hash)
);
INSERT INTO "rater" VALUES(1,'r967a260f','81638b585899fe486e82319105ab9f2ce6c2705f116ca71715ff3c891414402d','Anna',1795479072540,NULL,NULL,0,NULL,3);
INSERT INTO "rater" VALUES(2,'r771b4903','a6c7822b0a33137a9a7da3fd3b1d62766bb1cdb1303818058983d00711e7e3ba',NULL,1795479072556,NULL,NULL,0,NULL,3);
CREATE TABLE study (
	id INTEGER NOT NULL, 
	created_ms BIGINT NOT NULL, 
	photos TEXT NOT NULL, 
	fixed TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "study" VALUES(1,1795479072502,'/photos','{"gold": {}, "questions": {"quality": [["excellent", 10.0], ["good", 7.0], ["fair", 4.0], ["bad", 1.0]]}}');
CREATE TABLE vote (
	id INTEGER NOT NULL, 
	assignment_id INTEGER NOT NULL, 
	rater_id INTEGER NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	action INTEGER NOT NULL, 
	answers TEXT NOT NULL, 
	seconds FLOAT, 
	conditions TEXT, 
	at_ms BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(assignment_id) REFERENCES assignment (id), 
	FOREIGN KEY(rater_id) REFERENCES rater (id)
);
INSERT INTO "vote" VALUES(1,1,1,'key-0001',0,'{"quality": "good"}',2.5,'{"width": 800}',1795479072579);
INSERT INTO "vote" VALUES(2,1,1,'key-0002',1,'{"quality": "bad"}',1.5,NULL,1795479072589);
INSERT INTO "vote" VALUES(3,4,2,'key-0003',0,'{"quality": "fair"}',NULL,NULL,1795479072599);
CREATE INDEX image_load ON image (role, load, position);
CREATE INDEX image_votes ON image (role, votes);
CREATE INDEX image_block ON image (block, load, position);
CREATE INDEX ix_consent_rater_id ON consent (rater_id);
CREATE INDEX assignment_state ON assignment (rater_id, state, kind, number);
CREATE INDEX assignment_latest ON assignment (rater_id, state, vote_id);
CREATE UNIQUE INDEX assignment_number ON assignment (rater_id, number);
CREATE INDEX assignment_expiry ON assignment (state, expires_ms);
CREATE UNIQUE INDEX assignment_once ON assignment (image_id, rater_id, kind);
CREATE INDEX ix_vote_assignment_id ON vote (assignment_id);
CREATE UNIQUE INDEX vote_key ON vote (rater_id, "key");
COMMIT;
