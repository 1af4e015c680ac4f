//! What an event or the events of a series are like, as bodies say it beside other things.
//!
//! The fields are declared here once and written into each body. They are not flattened into it: that
//! would lose the pointer to a field that does not hold, and take unknown ones.

/// Declares a body with an offer that is to be; what is not said is the template's.
macro_rules! with_new_offer {
    ($(#[$doc:meta])* struct $name:ident { $($own:tt)* }) => {
        $(#[$doc])*
        #[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            $($own)*
            /// What it is made from.
            #[serde(rename = "template_id")]
            template: Option<tryzore_kernel::TemplateId>,
            /// `class`, `tour` or `appointment`.
            kind: Option<tryzore_events::EventKind>,
            /// What it is called.
            #[schema(min_length = 1, max_length = 255)]
            name: Option<String>,
            /// Who leads it.
            #[serde(rename = "staff_user_id")]
            staff: Option<tryzore_kernel::UserId>,
            /// How long it lasts.
            #[schema(minimum = 5, maximum = 1440)]
            duration_minutes: Option<u16>,
            /// How many can come.
            #[schema(minimum = 1, maximum = 10000)]
            spots_total: Option<u32>,
            /// In which room, or where to meet.
            #[schema(max_length = 255)]
            location: Option<String>,
            /// Whether it takes clients of other locations; it does, when not said.
            allow_cross_location_booking: Option<bool>,
        }

        impl $name {
            fn offer(self) -> tryzore_events::NewOffer {
                tryzore_events::NewOffer {
                    template: self.template,
                    kind: self.kind,
                    name: self.name,
                    staff: self.staff,
                    duration_minutes: self.duration_minutes,
                    spots_total: self.spots_total,
                    location: self.location,
                    takes_visitors: self.allow_cross_location_booking,
                }
            }
        }
    };
}

/// Declares a body with an offer in full, in place of the one that there is.
macro_rules! with_offer {
    ($(#[$doc:meta])* struct $name:ident { $($own:tt)* }) => {
        $(#[$doc])*
        #[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            $($own)*
            /// What it is called.
            #[schema(min_length = 1, max_length = 255)]
            name: String,
            // To be said: what is left out would take the leader away.
            /// Who leads it; null for no one.
            #[serde(rename = "staff_user_id", deserialize_with = "serde::Deserialize::deserialize")]
            #[schema(required = true)]
            staff: Option<tryzore_kernel::UserId>,
            /// How long it lasts.
            #[schema(minimum = 5, maximum = 1440)]
            duration_minutes: u16,
            /// How many can come; at least as many as have booked.
            #[schema(minimum = 1, maximum = 10000)]
            spots_total: u32,
            /// In which room, or where to meet; may be empty.
            #[schema(max_length = 255)]
            location: String,
            /// Whether it takes clients of other locations.
            allow_cross_location_booking: bool,
        }

        impl $name {
            fn offer(self) -> tryzore_events::Offer {
                tryzore_events::Offer {
                    name: self.name,
                    staff: self.staff,
                    duration_minutes: self.duration_minutes,
                    spots_total: self.spots_total,
                    location: self.location,
                    takes_visitors: self.allow_cross_location_booking,
                }
            }
        }
    };
}

pub(super) use {with_new_offer, with_offer};
