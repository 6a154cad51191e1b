-- The playbook history as one query, in the SQL of PostgreSQL.
-- as of 2026-03-01, days of UTC; plan 5caef59bc12f8c86
--
-- It returns one row for each lead, in no order. Scores and contributions are whole ten-thousandths of a point
-- (250000 is 25 points), coverage is in ten-thousandths. Texts are compared byte by byte: use no collation that
-- disregards case. Another day has another query, since ages and weights are counted from this one.
-- PostgreSQL 12 or later.
--
-- It reads these tables, which you prepare. A text key is a text in NFC, case folded, in NFC again, and without
-- spaces at its ends; a text of nothing else, and any value that does not fit, is NULL. Dated facts known at the
-- moment come before columns.
--
-- lead_known: one row for each lead
--     lead_key  bigint    or text: what tells leads apart inside
--     lead_id   text      as written
--
-- event_known: the events up to the moment; each event_id once, none by bots
--     lead_key  as in lead_known
--     event     text      the name as written
--     at_us     bigint    microseconds since 1970-01-01 in UTC
--     day       bigint    days from 1970-01-01 to its local day; none before 2026-01-01
--
-- outcome_known: the outcomes up to the moment; each outcome_id once
--     lead_key  as in lead_known
--     outcome   text      the name as written
--     reason    text      a text key
--     at_us     bigint    microseconds since 1970-01-01 in UTC
--     day       bigint    days from 1970-01-01 to its local day
--
-- Its steps:
--     day_count       how often each signal occurred, for each lead and day
--     lead_event      what the events of a lead come to
--     outcome_ranked  outcomes, the latest first
--     lead_outcome    the latest decision and deal of a lead
--     known           all that is known of a lead
--     truth           what conditions on facts come to
--     contribution    what each criterion gives
--     scored          scores, and how far they could go
--     levelled        grades, answers, personas, exclusions
--     answered        how many questions are answered yes
--     assessed        qualifications
--     reason_1        the contributions that are largest
--     reason_2        the contributions that are largest
--     reason_3        the contributions that are largest
--     reason_place    the contributions that are largest

WITH day_count AS MATERIALIZED (
  SELECT
    event_known.lead_key,
    event_known.day,
    CAST(COUNT(CASE WHEN event = 'viewed' THEN 1 END) AS BIGINT) AS n_1
  FROM event_known
  WHERE
    event = 'viewed'
  GROUP BY
    event_known.lead_key,
    event_known.day
), lead_event AS MATERIALIZED (
  SELECT
    day_count.lead_key,
    MAX(CASE WHEN day_count.n_1 > 0 THEN day_count.day END) AS e_1,
    CAST(SUM(CASE WHEN day >= 20507 THEN day_count.n_1 ELSE 0 END) AS BIGINT) AS e_2
  FROM day_count
  GROUP BY
    day_count.lead_key
), outcome_ranked AS MATERIALIZED (
  SELECT
    outcome_known.*,
    CASE
      WHEN outcome IN ('accepted', 'rejected', 'recycled', 'disqualified', 'bad_data', 'reinstated')
      THEN ROW_NUMBER() OVER (
        PARTITION BY lead_key, CASE
          WHEN outcome IN ('accepted', 'rejected', 'recycled', 'disqualified', 'bad_data', 'reinstated')
          THEN 1
          ELSE 0
        END
        ORDER BY at_us DESC NULLS LAST, outcome COLLATE "C" DESC NULLS LAST, reason COLLATE "C" DESC NULLS LAST
      )
    END AS decision_rank,
    CASE
      WHEN outcome IN ('opportunity', 'won', 'lost', 'churned')
      THEN ROW_NUMBER() OVER (
        PARTITION BY lead_key, CASE WHEN outcome IN ('opportunity', 'won', 'lost', 'churned') THEN 1 ELSE 0 END
        ORDER BY at_us DESC NULLS LAST, outcome COLLATE "C" DESC NULLS LAST, reason COLLATE "C" DESC NULLS LAST
      )
    END AS deal_rank
  FROM outcome_known
), lead_outcome AS MATERIALIZED (
  SELECT
    lead_key,
    MAX(CASE WHEN decision_rank = 1 THEN outcome END) AS decision,
    MAX(CASE WHEN decision_rank = 1 THEN reason END) AS reason,
    MAX(CASE WHEN deal_rank = 1 THEN outcome END) AS deal,
    MAX(CASE WHEN outcome = 'won' THEN day END) AS outcome_day_won
  FROM outcome_ranked
  GROUP BY
    lead_key
), known AS MATERIALIZED (
  SELECT
    lead_known.*,
    lead_event.e_1 AS e_1,
    COALESCE(lead_event.e_2, 0) AS e_2,
    lead_outcome.decision AS decision,
    lead_outcome.reason AS reason,
    lead_outcome.deal AS deal,
    lead_outcome.outcome_day_won AS outcome_day_won
  FROM lead_known
  LEFT JOIN lead_event
    ON lead_event.lead_key = lead_known.lead_key
  LEFT JOIN lead_outcome
    ON lead_outcome.lead_key = lead_known.lead_key
), truth AS MATERIALIZED (
  SELECT
    known.*,
    (
      deal = 'won' OR (
        20513 - outcome_day_won
      ) < 90
    ) AS t_personas_buyer_when,
    (
      decision = 'bad_data' OR reason = 'spam'
    ) AS t_exclusions_bad_when
  FROM known
), contribution AS MATERIALIZED (
  SELECT
    truth.*,
    CASE
      WHEN (
        e_1
      ) IS NULL
      THEN CAST(0 AS BIGINT)
      ELSE GREATEST(
        CAST(CAST((
          (
            (
              20513 - e_1
            )
          ) - (
            (
              20513 - e_1
            )
          ) % 30
        ) AS DOUBLE PRECISION) / 30 AS BIGINT) * -100000,
        -300000
      )
    END AS c_gone_quiet,
    (
      e_1
    ) IS NULL AS u_gone_quiet
  FROM truth
), scored AS MATERIALIZED (
  SELECT
    contribution.*,
    c_gone_quiet AS s_heat,
    CAST(CASE WHEN u_gone_quiet THEN -300000 ELSE c_gone_quiet END AS BIGINT) AS low_heat,
    CAST(CASE WHEN u_gone_quiet THEN 0 ELSE c_gone_quiet END AS BIGINT) AS high_heat,
    CAST(10000 AS BIGINT) AS coverage_heat
  FROM contribution
), levelled AS MATERIALIZED (
  SELECT
    scored.*,
    CASE WHEN s_heat >= 200000 THEN 'A' WHEN s_heat >= 0 THEN 'B' ELSE 'B' END AS grade_heat,
    CASE WHEN s_heat >= 200000 THEN 'a' WHEN s_heat >= 0 THEN 'b' ELSE 'b' END AS gradekey_heat,
    CASE WHEN t_exclusions_bad_when THEN 'bad' END AS excluded_by,
    CASE WHEN t_personas_buyer_when THEN 'buyer' END AS persona
  FROM scored
), answered AS MATERIALIZED (
  SELECT
    levelled.*,
    CAST(0 AS BIGINT) AS answered_yes
  FROM levelled
), assessed AS MATERIALIZED (
  SELECT
    answered.*,
    excluded_by IS NULL
    AND COALESCE((
      (
        CAST(s_heat AS DOUBLE PRECISION) / 10000
      ) >= 20 AND e_2 >= 2
    ), FALSE) AS level_mql,
    excluded_by IS NULL
    AND (
      COALESCE((
        (
          CAST(s_heat AS DOUBLE PRECISION) / 10000
        ) >= 20 AND e_2 >= 2
      ), FALSE)
      OR COALESCE((
        gradekey_heat = 'b'
      ), FALSE)
    ) AS stay_mql,
    CAST(CASE
      WHEN c_gone_quiet <> 0
      THEN ABS(c_gone_quiet) * 4 + 2 + CASE WHEN c_gone_quiet < 0 THEN 1 ELSE 0 END
      ELSE 0
    END AS BIGINT) AS r_1
  FROM answered
), reason_1 AS MATERIALIZED (
  SELECT
    assessed.*,
    CAST(r_1 AS BIGINT) AS reason_rank_1
  FROM assessed
), reason_2 AS MATERIALIZED (
  SELECT
    reason_1.*,
    CAST(CASE WHEN r_1 < reason_rank_1 THEN r_1 ELSE 0 END AS BIGINT) AS reason_rank_2
  FROM reason_1
), reason_3 AS MATERIALIZED (
  SELECT
    reason_2.*,
    CAST(CASE WHEN r_1 < reason_rank_2 THEN r_1 ELSE 0 END AS BIGINT) AS reason_rank_3
  FROM reason_2
), reason_place AS MATERIALIZED (
  SELECT
    reason_3.*,
    CAST((
      CAST(CAST((
        (
          reason_rank_1
        ) - (
          reason_rank_1
        ) % 2
      ) AS DOUBLE PRECISION) / 2 AS BIGINT)
    ) % 2 AS BIGINT) AS reason_place_1,
    CAST((
      CAST(CAST((
        (
          reason_rank_2
        ) - (
          reason_rank_2
        ) % 2
      ) AS DOUBLE PRECISION) / 2 AS BIGINT)
    ) % 2 AS BIGINT) AS reason_place_2,
    CAST((
      CAST(CAST((
        (
          reason_rank_3
        ) - (
          reason_rank_3
        ) % 2
      ) AS DOUBLE PRECISION) / 2 AS BIGINT)
    ) % 2 AS BIGINT) AS reason_place_3
  FROM reason_3
)
SELECT
  lead_id AS "lead_id",
  '2026-03-01' AS "as_of",
  s_heat AS "heat",
  low_heat AS "heat_low",
  high_heat AS "heat_high",
  coverage_heat AS "heat_coverage",
  grade_heat AS "grade",
  persona AS "persona",
  level_mql AS "mql",
  stay_mql AS "mql_stay",
  excluded_by AS "excluded_by",
  CASE
    WHEN reason_rank_1 > 0
    THEN '' || CASE reason_place_1 WHEN 1 THEN 'gone-quiet:' ELSE '' END || CASE WHEN reason_rank_1 % 2 = 1 THEN '-' ELSE '' END || CAST(CAST(CAST((
      (
        CAST(CAST((
          (
            reason_rank_1
          ) - (
            reason_rank_1
          ) % 4
        ) AS DOUBLE PRECISION) / 4 AS BIGINT)
      ) - (
        CAST(CAST((
          (
            reason_rank_1
          ) - (
            reason_rank_1
          ) % 4
        ) AS DOUBLE PRECISION) / 4 AS BIGINT)
      ) % 10000
    ) AS DOUBLE PRECISION) / 10000 AS BIGINT) AS TEXT) || '.' || SUBSTRING(CAST(10000 + (
      CAST(CAST((
        (
          reason_rank_1
        ) - (
          reason_rank_1
        ) % 4
      ) AS DOUBLE PRECISION) / 4 AS BIGINT)
    ) % 10000 AS TEXT) FROM 2 FOR 4)
    ELSE ''
  END || CASE
    WHEN reason_rank_2 > 0
    THEN ' ' || CASE reason_place_2 WHEN 1 THEN 'gone-quiet:' ELSE '' END || CASE WHEN reason_rank_2 % 2 = 1 THEN '-' ELSE '' END || CAST(CAST(CAST((
      (
        CAST(CAST((
          (
            reason_rank_2
          ) - (
            reason_rank_2
          ) % 4
        ) AS DOUBLE PRECISION) / 4 AS BIGINT)
      ) - (
        CAST(CAST((
          (
            reason_rank_2
          ) - (
            reason_rank_2
          ) % 4
        ) AS DOUBLE PRECISION) / 4 AS BIGINT)
      ) % 10000
    ) AS DOUBLE PRECISION) / 10000 AS BIGINT) AS TEXT) || '.' || SUBSTRING(CAST(10000 + (
      CAST(CAST((
        (
          reason_rank_2
        ) - (
          reason_rank_2
        ) % 4
      ) AS DOUBLE PRECISION) / 4 AS BIGINT)
    ) % 10000 AS TEXT) FROM 2 FOR 4)
    ELSE ''
  END || CASE
    WHEN reason_rank_3 > 0
    THEN ' ' || CASE reason_place_3 WHEN 1 THEN 'gone-quiet:' ELSE '' END || CASE WHEN reason_rank_3 % 2 = 1 THEN '-' ELSE '' END || CAST(CAST(CAST((
      (
        CAST(CAST((
          (
            reason_rank_3
          ) - (
            reason_rank_3
          ) % 4
        ) AS DOUBLE PRECISION) / 4 AS BIGINT)
      ) - (
        CAST(CAST((
          (
            reason_rank_3
          ) - (
            reason_rank_3
          ) % 4
        ) AS DOUBLE PRECISION) / 4 AS BIGINT)
      ) % 10000
    ) AS DOUBLE PRECISION) / 10000 AS BIGINT) AS TEXT) || '.' || SUBSTRING(CAST(10000 + (
      CAST(CAST((
        (
          reason_rank_3
        ) - (
          reason_rank_3
        ) % 4
      ) AS DOUBLE PRECISION) / 4 AS BIGINT)
    ) % 10000 AS TEXT) FROM 2 FOR 4)
    ELSE ''
  END AS "reasons",
  c_gone_quiet AS "c_gone-quiet"
FROM reason_place;
