//! What the roles of the process do, how far they are, and what was signed.

use std::fmt::Error;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use socai_app::role::{LastCheckpoint, Report, State};

use crate::noted::{Noted, seconds};
use crate::write::Family;

/// Collects from the reports of roles.
#[derive(Debug)]
pub struct OfRoles {
    reports: Vec<Report>,
    witnesses: Vec<String>,
    noted: Arc<Noted>,
}

/// The role that keeps PostgreSQL.
const PROJECTOR: &str = "projector";

/// The states that a role can be in, as labels.
const STATES: [&str; 5] = ["starting", "working", "standing_by", "trying", "stopped"];

impl OfRoles {
    /// Of the roles that tell `reports` how they are, in a process whose sealer asks the witnesses of these names.
    pub fn new(reports: Vec<Report>, witnesses: Vec<String>, noted: Arc<Noted>) -> Self {
        Self {
            reports,
            witnesses,
            noted,
        }
    }

    /// The last position that this process knows of: as its roles have come to it, or as it was told.
    fn head(&self) -> u64 {
        let positions = self
            .reports
            .iter()
            .filter_map(|report| report.now().position);
        positions.chain([self.noted.head()]).max().unwrap_or(0)
    }

    fn write_states(&self, encoder: &mut DescriptorEncoder) -> Result<(), Error> {
        let help = "How far in the ledger a role of this process has come.";
        let positions = self.reports.iter().filter_map(|report| {
            let position = report.now().position?;
            Some(([("role", report.name())], position))
        });
        Family::of("socai_role_position", help).gauges(encoder, positions)?;
        let help = "1 for the state that a role of this process is in, 0 for the others.";
        let states = self.reports.iter().flat_map(|report| {
            let is_in = name_of(&report.now().state);
            STATES.map(|state| {
                let labels = [("role", report.name()), ("state", state)];
                (labels, u32::from(state == is_in))
            })
        });
        Family::of("socai_role_state", help).gauges(encoder, states)
    }

    fn write_projection(&self, encoder: &mut DescriptorEncoder) -> Result<(), Error> {
        let projector = self
            .reports
            .iter()
            .find(|report| report.name() == PROJECTOR);
        let position = projector.and_then(|projector| projector.now().position);
        let help =
            "The last record whose rows the projector of this process wrote into PostgreSQL.";
        let written = position.filter(|position| *position > 0);
        Family::of("socai_projection_position", help).gauge(encoder, written)
    }

    fn write_checkpoint(&self, encoder: &mut DescriptorEncoder) -> Result<(), Error> {
        let sealer = self.reports.iter().find_map(|report| {
            let checkpoint = report.now().checkpoint?;
            Some((report, checkpoint))
        });
        let size = sealer
            .as_ref()
            .map(|(_, LastCheckpoint { size, .. })| *size);
        let help = "Records that the last checkpoint covers, in the process that seals.";
        Family::of("socai_checkpoint_size", help).gauge(encoder, size)?;
        let signed = sealer.as_ref().and_then(|(report, _)| report.signed_at());
        let help =
            "When the last checkpoint was signed; none where that was before this process sealed.";
        Family::seconds("socai_checkpoint_signed_timestamp", help)
            .gauge(encoder, signed.map(seconds))?;
        // Never cosigned is not the same as nobody to ask: those are told with 0.
        let mut cosigned = sealer.map_or_else(Default::default, |(report, _)| {
            let named = self.witnesses.iter().map(|name| (name.clone(), None));
            let mut all: std::collections::BTreeMap<String, Option<_>> = named.collect();
            let known = report.cosigned().into_iter();
            all.extend(known.map(|(name, cosigned)| (name, Some(cosigned))));
            all
        });
        let help = "When a witness last cosigned a checkpoint, as it says; 0: not since this process seals.";
        let times = cosigned.iter().map(|(name, cosigned)| {
            let at = cosigned.map_or(0.0, |(_, at)| seconds(at));
            ([("witness", name.as_str())], at)
        });
        Family::seconds("socai_cosignature_timestamp", help).gauges(encoder, times)?;
        let help = "Records of the largest checkpoint that a witness cosigned; 0: none since this process seals.";
        let sizes = cosigned.iter_mut().map(|(name, cosigned)| {
            let size = cosigned.map_or(0, |(size, _)| size);
            ([("witness", name.as_str())], size)
        });
        Family::of("socai_cosignature_size", help).gauges(encoder, sizes)
    }
}

impl Collector for OfRoles {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), Error> {
        let encoder = &mut encoder;
        let help = "The last position of the ledger that this process knows of.";
        Family::of("socai_log_position", help).gauge(encoder, Some(self.head()))?;
        self.write_states(encoder)?;
        self.write_projection(encoder)?;
        self.write_checkpoint(encoder)
    }
}

const fn name_of(state: &State) -> &'static str {
    match state {
        State::Starting => "starting",
        State::Working => "working",
        State::StandingBy { .. } => "standing_by",
        State::Trying { .. } => "trying",
        State::Stopped { .. } => "stopped",
    }
}

#[cfg(test)]
mod tests {
    use crate::{Form, Metrics};

    use super::*;

    /// Which label is 1 where a role says `state`, or its ledger is silent.
    fn told(state: State, silence: Option<&str>) -> Vec<String> {
        let (metrics, api) = (Metrics::default(), Report::new("api"));
        api.is(state);
        api.ledger_is_silent(silence);
        metrics.add(OfRoles::new(vec![api], Vec::new(), metrics.noted.clone()));
        let written = metrics.collect(Form::OpenMetrics);
        let series = written.lines().filter_map(|line| {
            let rest = line.strip_prefix("socai_role_state{role=\"api\",state=\"")?;
            rest.strip_suffix("\"} 1").map(str::to_owned)
        });
        series.collect()
    }

    #[test]
    fn each_state_of_a_role_has_a_label_of_its_own_and_a_silent_ledger_is_being_tried() {
        let reason = || "a reason".to_owned();
        let holder = reason();
        for (state, label, silent) in [
            (State::Starting, "starting", "trying"),
            (State::Working, "working", "trying"),
            (State::StandingBy { holder }, "standing_by", "trying"),
            (State::Trying { reason: reason() }, "trying", "trying"),
            (State::Stopped { reason: reason() }, "stopped", "stopped"),
        ] {
            assert_eq!([label], told(state.clone(), None)[..]);
            assert_eq!([silent], told(state, Some("no leader"))[..], "{label}");
        }
    }

    #[test]
    fn a_role_is_in_one_state_and_the_head_is_the_furthest_that_is_known() {
        let metrics = Metrics::default();
        let (api, sealer) = (Report::new("api"), Report::new("sealer"));
        api.is(State::Working);
        api.has_come_to(17);
        metrics.noted.ledger_ends_at(12);
        let roles = OfRoles::new(
            vec![api, sealer],
            vec!["w".to_owned()],
            metrics.noted.clone(),
        );
        metrics.add(roles);
        let written = metrics.collect(Form::OpenMetrics);
        for line in [
            "socai_log_position 17\n",
            "socai_role_position{role=\"api\"} 17\n",
            "socai_role_state{role=\"api\",state=\"working\"} 1\n",
            "socai_role_state{role=\"api\",state=\"stopped\"} 0\n",
            "socai_role_state{role=\"sealer\",state=\"starting\"} 1\n",
        ] {
            assert!(written.contains(line), "{line}{written}");
        }
        assert!(
            !written.contains("witness=\"w\""),
            "who does not seal knows nothing of witnesses"
        );
    }
}
